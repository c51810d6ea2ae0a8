//! Replacing the key that signs access tokens.

use crate::ports::error::PortError;
use async_trait::async_trait;
use gatewright_domain::{Duration, Timestamp};

/// What a rotation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRotation {
    /// There is a new key.
    Rotated {
        /// From when on it signs.
        active_from: Timestamp,
    },
    /// The newest key is not old enough.
    NotYet,
    /// The keys are not kept where they could be replaced.
    Immutable,
}

/// Replaces keys.
#[async_trait]
pub trait SigningKeyRotation: Send + Sync {
    /// Makes a new key where the newest was made `max_age` or longer before `now`; the new one signs from `activate_in` later. Of
    /// simultaneous calls one alone MUST make a key. The keys before it MUST go on verifying for as long as tokens of theirs live.
    async fn rotate(&self, max_age: Duration, activate_in: Duration, now: Timestamp) -> Result<KeyRotation, PortError>;
}
