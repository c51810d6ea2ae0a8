//! Operations: whether the service works, and how much there is to do.

pub mod check_health;
pub mod outbox_gauges;
pub mod traces;
