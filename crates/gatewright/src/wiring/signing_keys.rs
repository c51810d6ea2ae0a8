//! The keys that sign access tokens, wherever they are kept.

use crate::config::Config;
use crate::config::fault::Fault;
use crate::config::keys::{TOKEN_KEYS, TokenKeySource};
use crate::config::storage::StorageConfig;
use crate::start_error::StartError;
use crate::wiring::storage;
use gatewright_adapter_crypto::{
    ImmutableKeys, KeyFileRotation, KeyRing, KeyRingFile, KeyRingFileError, KeyState, SharedKeyRing, SigningKey,
    SystemClock,
};
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::remembered_identities::RememberedIdentities;
use gatewright_application::ports::signing_key_rotation::SigningKeyRotation;
use gatewright_domain::{Duration, Timestamp};
use std::fmt::Display;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;

const SIGNING_KEYS: &str = "the keys that sign access tokens";

/// The longest that a new key may wait before it signs.
pub const LONGEST_ACTIVATION: Duration = Duration::days(30);

/// The keys in use.
pub(crate) enum SigningKeys {
    /// From the setting: they stay as they are.
    Fixed(Arc<SharedKeyRing>),
    /// From a file: they follow it.
    InFile(Arc<KeyRingFile>),
}

/// Follows a key ring file.
#[derive(Clone)]
pub(crate) struct KeyRingReload {
    file: Arc<KeyRingFile>,
    identities: Arc<dyn RememberedIdentities>,
}

/// What may be told of a key that signs access tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyInfo {
    /// Its id, as in the tokens' footers.
    pub id: String,
    /// What it is used for now: `waiting`, `signing`, `retired` or `over`.
    pub state: &'static str,
    /// From when on it signs.
    pub active_from: Timestamp,
    /// First moment at which its tokens are no longer accepted; `None` for none.
    pub verify_until: Option<Timestamp>,
}

impl SigningKeys {
    /// The keys that the setting gives, by itself or by a file, which has to be there; `None` where it gives none.
    pub(crate) fn given(source: &TokenKeySource) -> Result<Option<Self>, Fault> {
        let wrong = |error: &dyn Display| Fault::of(&TOKEN_KEYS, &error.to_string());
        match source {
            TokenKeySource::Text(text) => {
                let ring = KeyRing::parse(text).map_err(|error| wrong(&error))?;
                Ok(Some(Self::Fixed(Arc::new(SharedKeyRing::new(ring)))))
            }
            TokenKeySource::File(path) => {
                let file = KeyRingFile::open(path.clone()).map_err(|error| match &error {
                    KeyRingFileError::Io { source, .. } if source.kind() == ErrorKind::NotFound => {
                        wrong(&format_args!("{error}; `gatewright keys rotate` makes the file"))
                    }
                    _ => wrong(&error),
                })?;
                Ok(Some(Self::InFile(Arc::new(file))))
            }
            TokenKeySource::Made => Ok(None),
        }
    }

    /// The keys made at the first start in development.
    pub(crate) fn made(config: &StorageConfig) -> Result<Self, StartError> {
        storage::make_data_folder(config)?;
        let file = KeyRingFile::open_or_create(made_file(config), SystemClock.now());
        file.map(|file| Self::InFile(Arc::new(file)))
            .map_err(|error| unusable(&error))
    }

    fn of(config: &Config) -> Result<Self, StartError> {
        match Self::given(&config.keys.token_keys)? {
            Some(keys) => Ok(keys),
            None => Self::made(&config.storage),
        }
    }

    pub(crate) fn ring(&self) -> Arc<SharedKeyRing> {
        match self {
            Self::Fixed(ring) => Arc::clone(ring),
            Self::InFile(file) => file.ring(),
        }
    }

    /// Replaces them when they are old, where that can be done; their tokens live for `access_ttl`.
    pub(crate) fn rotation(&self, access_ttl: Duration) -> Arc<dyn SigningKeyRotation> {
        match self {
            Self::Fixed(_) => Arc::new(ImmutableKeys),
            Self::InFile(file) => Arc::new(KeyFileRotation::new(Arc::clone(file), access_ttl)),
        }
    }

    /// Follows the file where there is one, and forgets then which tokens of which key were good.
    pub(crate) fn into_reload(self, identities: Arc<dyn RememberedIdentities>) -> Option<KeyRingReload> {
        match self {
            Self::Fixed(_) => None,
            Self::InFile(file) => Some(KeyRingReload { file, identities }),
        }
    }
}

impl KeyRingReload {
    /// Takes the file's keys into use where they have changed. One look is one system call.
    pub(crate) fn reload_if_changed(&self) {
        match self.file.reload_if_changed() {
            Ok(true) => {
                // A key may have been withdrawn.
                self.identities.forget_all();
                tracing::info!("the keys that sign access tokens were read again");
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the keys that sign access tokens cannot be read; those in use stay"),
        }
    }
}

/// Makes a new key, which signs after `activate_in`; those before it go on verifying as long as their tokens live.
/// Every process on the file follows within a second. Where there is no file yet, it is made, with one key that signs at
/// once. Answers all keys.
///
/// # Errors
/// [`StartError`], also where the keys stand in the setting itself and not in a file, and where `activate_in` is longer than
/// [`LONGEST_ACTIVATION`].
pub fn rotate_signing_keys(config: &Config, activate_in: Duration) -> Result<Vec<SigningKeyInfo>, StartError> {
    let path = match &config.keys.token_keys {
        TokenKeySource::File(path) => path.clone(),
        TokenKeySource::Made => made_file(&config.storage),
        TokenKeySource::Text(_) => {
            let wrong = "the keys stand in the setting itself, where no command can rotate them; put them into a file and give TOKEN_KEYS_FILE";
            return Err(Fault::of(&TOKEN_KEYS, wrong).into());
        }
    };
    let now = SystemClock.now();
    let activate_at = Some(activate_in)
        .filter(|span| *span <= LONGEST_ACTIVATION)
        .and_then(|span| now.checked_add(span))
        .ok_or_else(|| unusable(&"a new key may not wait that long"))?;
    let ring = if path.exists() {
        let access_ttl = config.sessions.policy.access_token_ttl;
        KeyRingFile::open(path).and_then(|file| file.rotate(now, activate_at, access_ttl))
    } else {
        KeyRingFile::open_or_create(path, now).map(|file| file.ring().load())
    };
    ring.map(|ring| infos(&ring, now)).map_err(|error| unusable(&error))
}

/// Every key, in the order in which they become active.
///
/// # Errors
/// [`StartError`] where they cannot be read.
pub fn list_signing_keys(config: &Config) -> Result<Vec<SigningKeyInfo>, StartError> {
    let ring = SigningKeys::of(config)?.ring().load();
    Ok(infos(&ring, SystemClock.now()))
}

/// Where the keys made in development are.
fn made_file(config: &StorageConfig) -> PathBuf {
    config.keys_dir().join("token-keys")
}

fn unusable(reason: &impl ToString) -> StartError {
    StartError::dependency(SIGNING_KEYS, reason)
}

fn infos(ring: &KeyRing, now: Timestamp) -> Vec<SigningKeyInfo> {
    let info = |key: &SigningKey| {
        let lifetime = key.lifetime();
        SigningKeyInfo {
            id: key.id().to_owned(),
            state: match ring.state(key, now) {
                KeyState::Waiting => "waiting",
                KeyState::Signing => "signing",
                KeyState::Retired => "retired",
                KeyState::Over => "over",
            },
            active_from: lifetime.active_from,
            verify_until: lifetime.verify_until,
        }
    };
    ring.keys().iter().map(info).collect()
}
