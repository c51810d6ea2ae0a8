//! A clock that moves when told to.

use gatewright_application::ports::clock::Clock;
use gatewright_domain::{Duration, Timestamp};
use std::sync::{Mutex, PoisonError};
use time::macros::datetime;

/// Stands still until it is set or advanced.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Shows `now` from here on; backwards is allowed.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves on by `span`.
    pub fn advance(&self, span: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += span;
    }
}

impl Default for ManualClock {
    /// An arbitrary moment, with microseconds in it.
    fn default() -> Self {
        Self::at(datetime!(2025-03-01 12:00:00.123_456 UTC))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
