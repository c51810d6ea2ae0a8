//! Replacing the key that signs access tokens, where it is kept in a file.

use crate::keys::key_ring_file::{KeyRingFile, KeyRingFileError};
use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::signing_key_rotation::{KeyRotation, SigningKeyRotation};
use gatewright_domain::{Duration, Timestamp};
use std::sync::Arc;

/// The name of this dependency in errors.
const SIGNING_KEYS: &str = "signing keys";

/// Rotates a key ring file, which any number of processes may share.
#[derive(Debug)]
pub struct KeyFileRotation {
    file: Arc<KeyRingFile>,
    access_ttl: Duration,
}

/// Keys that stand in a setting.
#[derive(Debug, Clone, Copy, Default)]
pub struct ImmutableKeys;

impl KeyFileRotation {
    /// Rotates `file`, whose keys sign tokens of a life of `access_ttl`.
    #[must_use]
    pub fn new(file: Arc<KeyRingFile>, access_ttl: Duration) -> Self {
        Self { file, access_ttl }
    }
}

#[async_trait]
impl SigningKeyRotation for KeyFileRotation {
    async fn rotate(&self, max_age: Duration, activate_in: Duration, now: Timestamp) -> Result<KeyRotation, PortError> {
        let (file, access_ttl) = (Arc::clone(&self.file), self.access_ttl);
        let (made_by, activate_at) = (now.saturating_sub(max_age), now.saturating_add(activate_in));
        // It waits for the disk, and for whoever else is rotating.
        let rotated =
            tokio::task::spawn_blocking(move || file.rotate_if_made_by(made_by, now, activate_at, access_ttl));
        let ring = rotated.await.map_err(|error| unavailable(&error))??;
        let newest = ring.as_ref().and_then(|ring| ring.keys().last());
        Ok(newest.map_or(KeyRotation::NotYet, |key| KeyRotation::Rotated {
            active_from: key.lifetime().active_from,
        }))
    }
}

#[async_trait]
impl SigningKeyRotation for ImmutableKeys {
    async fn rotate(&self, _: Duration, _: Duration, _: Timestamp) -> Result<KeyRotation, PortError> {
        Ok(KeyRotation::Immutable)
    }
}

impl From<KeyRingFileError> for PortError {
    fn from(error: KeyRingFileError) -> Self {
        unavailable(&error)
    }
}

fn unavailable(reason: &impl ToString) -> PortError {
    PortError::Unavailable {
        dependency: SIGNING_KEYS,
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::key_ring::KeyState;
    use std::fs;
    use std::path::PathBuf;
    use tempfile::TempDir;
    use time::macros::datetime;

    const NOW: Timestamp = datetime!(2026-03-01 12:00 UTC);
    const TTL: Duration = Duration::minutes(15);
    const AGE: Duration = Duration::days(90);
    const WAIT: Duration = Duration::hours(1);

    fn path(folder: &TempDir) -> PathBuf {
        folder.path().join("token-keys")
    }

    fn rotation(folder: &TempDir) -> KeyFileRotation {
        let file = KeyRingFile::open_or_create(path(folder), NOW).unwrap();
        KeyFileRotation::new(Arc::new(file), TTL)
    }

    #[tokio::test]
    async fn a_rotated_key_waits_and_the_one_before_it_goes_on_verifying() {
        let folder = tempfile::tempdir().unwrap();
        let rotation = rotation(&folder);
        let now = NOW + AGE;
        let active_from = now + WAIT;
        let expected = KeyRotation::Rotated { active_from };
        assert_eq!(rotation.rotate(AGE, WAIT, now).await, Ok(expected));
        let ring = KeyRingFile::open(path(&folder)).unwrap().ring().load();
        let states = |at| ring.keys().iter().map(|key| ring.state(key, at)).collect::<Vec<_>>();
        assert_eq!(states(now), [KeyState::Signing, KeyState::Waiting]);
        assert_eq!(states(active_from), [KeyState::Retired, KeyState::Signing]);
        assert_eq!(states(active_from + TTL), [KeyState::Retired, KeyState::Signing]);
        assert_eq!(
            states(active_from + Duration::days(1)),
            [KeyState::Over, KeyState::Signing]
        );
    }

    #[tokio::test]
    async fn a_key_whose_age_nobody_knows_is_old() {
        let folder = tempfile::tempdir().unwrap();
        let rotation = rotation(&folder);
        let text = fs::read_to_string(path(&folder)).unwrap();
        let ageless: Vec<&str> = text
            .lines()
            .map(|line| line.split(" created=").next().unwrap())
            .collect();
        fs::write(path(&folder), ageless.join("\n")).unwrap();
        let outcome = rotation.rotate(AGE, WAIT, NOW).await.unwrap();
        assert!(matches!(outcome, KeyRotation::Rotated { .. }));
    }

    #[tokio::test]
    async fn a_file_that_went_away_is_unavailable() {
        let folder = tempfile::tempdir().unwrap();
        let rotation = rotation(&folder);
        fs::remove_file(path(&folder)).unwrap();
        let error = rotation.rotate(AGE, WAIT, NOW).await.unwrap_err();
        assert!(matches!(
            error,
            PortError::Unavailable {
                dependency: SIGNING_KEYS,
                ..
            }
        ));
    }

    #[tokio::test]
    async fn keys_in_a_setting_stay() {
        assert_eq!(ImmutableKeys.rotate(AGE, WAIT, NOW).await, Ok(KeyRotation::Immutable));
    }
}
