//! Signing keys of which only the age is known.

use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::signing_key_rotation::{KeyRotation, SigningKeyRotation};
use gatewright_domain::{Duration, Timestamp};
use std::sync::{Mutex, PoisonError};

/// Remembers when the newest key was made.
#[derive(Debug)]
pub struct DatedKeys(Mutex<Timestamp>);

impl DatedKeys {
    /// The newest key was made at `now`.
    #[must_use]
    pub fn made_at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }
}

#[async_trait]
impl SigningKeyRotation for DatedKeys {
    async fn rotate(&self, max_age: Duration, activate_in: Duration, now: Timestamp) -> Result<KeyRotation, PortError> {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now < *newest + max_age {
            return Ok(KeyRotation::NotYet);
        }
        *newest = now;
        let active_from = now + activate_in;
        Ok(KeyRotation::Rotated { active_from })
    }
}
