//! Periodic work.

pub mod job;
