//! Operations: whether the service works.

pub mod check_health;
