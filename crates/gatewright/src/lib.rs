//! User authentication to embed: configuration and wiring.

pub mod config;
