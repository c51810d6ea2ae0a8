//! The keys that sign access tokens, wherever they are kept.

use crate::config::Config;
use crate::config::fault::Fault;
use crate::config::keys::{TOKEN_KEYS, TokenKeySource};
use crate::start_error::StartError;
use crate::wiring::storage;
use gatewright_adapter_crypto::{
    KeyRing, KeyRingFile, KeyRingFileError, KeyState, SharedKeyRing, SigningKey, SystemClock,
};
use gatewright_application::ports::clock::Clock;
use gatewright_domain::{Duration, Timestamp};
use std::sync::Arc;

/// The keys in use.
pub(crate) enum SigningKeys {
    /// From the setting: they stay as they are.
    Fixed(Arc<SharedKeyRing>),
    /// From a file: they follow it.
    InFile(KeyRingFile),
}

/// Follows a key ring file.
#[derive(Clone)]
pub(crate) struct KeyRingReload(Arc<KeyRingFile>);

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
    /// Opens the file that `config` names, or takes `given`, the keys that stand in the setting itself.
    pub(crate) fn open(config: &Config, given: Option<KeyRing>) -> Result<Self, StartError> {
        if let Some(ring) = given {
            return Ok(Self::Fixed(Arc::new(SharedKeyRing::new(ring))));
        }
        open_file(config).map(Self::InFile)
    }

    pub(crate) fn ring(&self) -> Arc<SharedKeyRing> {
        match self {
            Self::Fixed(ring) => Arc::clone(ring),
            Self::InFile(file) => file.ring(),
        }
    }

    pub(crate) fn into_reload(self) -> Option<KeyRingReload> {
        match self {
            Self::Fixed(_) => None,
            Self::InFile(file) => Some(KeyRingReload(Arc::new(file))),
        }
    }
}

impl KeyRingReload {
    /// Takes the file's keys into use where they have changed. One look is one system call.
    pub(crate) fn reload_if_changed(&self) {
        match self.0.reload_if_changed() {
            Ok(true) => tracing::info!("the keys that sign access tokens were read again"),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the keys that sign access tokens cannot be read; those in use stay"),
        }
    }
}

/// Makes a new key, which signs after `activate_in`; those before it go on verifying as long as their tokens live.
/// Every process on the file follows within a second. Answers all keys.
///
/// # Errors
/// [`StartError`], also where the keys stand in the setting itself and not in a file.
pub fn rotate_signing_keys(config: &Config, activate_in: Duration) -> Result<Vec<SigningKeyInfo>, StartError> {
    if matches!(config.keys.token_keys, TokenKeySource::Text(_)) {
        let wrong = "the keys stand in the setting itself, where no command can rotate them; put them into a file and give TOKEN_KEYS_FILE";
        return Err(Fault::of(&TOKEN_KEYS, wrong).into());
    }
    storage::make_data_folder(&config.storage)?;
    let now = SystemClock.now();
    let ring = open_file(config)?
        .rotate(now, now + activate_in, config.sessions.policy.access_token_ttl)
        .map_err(|error| file_failed(config, &error))?;
    Ok(infos(&ring, now))
}

/// Every key, in the order in which they become active.
///
/// # Errors
/// [`StartError`] where they cannot be read.
pub fn list_signing_keys(config: &Config) -> Result<Vec<SigningKeyInfo>, StartError> {
    let given = match &config.keys.token_keys {
        TokenKeySource::Text(text) => {
            Some(KeyRing::parse(text).map_err(|error| Fault::of(&TOKEN_KEYS, &error.to_string()))?)
        }
        TokenKeySource::File(_) | TokenKeySource::Made => None,
    };
    storage::make_data_folder(&config.storage)?;
    let ring = SigningKeys::open(config, given)?.ring().load();
    Ok(infos(&ring, SystemClock.now()))
}

fn open_file(config: &Config) -> Result<KeyRingFile, StartError> {
    let path = match &config.keys.token_keys {
        TokenKeySource::File(path) => path.clone(),
        TokenKeySource::Text(_) | TokenKeySource::Made => config.storage.keys_dir().join("token-keys"),
    };
    KeyRingFile::open_or_create(path, SystemClock.now()).map_err(|error| file_failed(config, &error))
}

fn file_failed(config: &Config, error: &KeyRingFileError) -> StartError {
    match config.keys.token_keys {
        TokenKeySource::File(_) => Fault::of(&TOKEN_KEYS, &error.to_string()).into(),
        TokenKeySource::Text(_) | TokenKeySource::Made => {
            StartError::dependency("the keys that sign access tokens", error)
        }
    }
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
