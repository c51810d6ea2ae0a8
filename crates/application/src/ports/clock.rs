//! The time of day.

use gatewright_domain::Timestamp;

/// Tells the time. A use case asks once and passes the answer down.
pub trait Clock: Send + Sync {
    /// Now, in UTC. MUST be in whole microseconds, so that a stored time equals the one it was made from.
    fn now(&self) -> Timestamp;
}
