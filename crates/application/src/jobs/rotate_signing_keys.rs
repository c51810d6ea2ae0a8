//! Use case: make a new signing key when the newest is old enough.

use crate::ports::error::PortError;
use crate::ports::jobs::JobOutcome;
use crate::ports::signing_key_rotation::{KeyRotation, SigningKeyRotation};
use gatewright_domain::{Duration, Timestamp};
use std::sync::Arc;

/// How long a new key waits before it signs: whoever verifies tokens by the published keys has fetched it by then, whatever caches
/// stand between.
const ACTIVATE_IN: Duration = Duration::hours(1);

/// Rotates the keys that sign access tokens.
#[derive(Clone)]
pub struct RotateSigningKeys {
    /// Where they are.
    pub keys: Arc<dyn SigningKeyRotation>,
    /// How old a key grows before the next is made; `None`: rotation is left to people.
    pub max_age: Option<Duration>,
}

impl RotateSigningKeys {
    pub(super) async fn execute(&self, now: Timestamp) -> Result<JobOutcome, PortError> {
        let Some(max_age) = self.max_age else {
            return Ok(JobOutcome::Skipped("rotation is switched off".to_owned()));
        };
        Ok(match self.keys.rotate(max_age, ACTIVATE_IN, now).await? {
            KeyRotation::Rotated { active_from } => {
                tracing::info!(%active_from, "a new key will sign access tokens");
                JobOutcome::Done(1)
            }
            KeyRotation::NotYet => JobOutcome::Done(0),
            KeyRotation::Immutable => {
                JobOutcome::Skipped("the keys stand in the settings, where they cannot be replaced".to_owned())
            }
        })
    }
}
