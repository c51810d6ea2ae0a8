//! The secrets of an instance: where they come from, and that none is missing.
//!
//! What a good key is, the adapter that uses it decides; see `wiring`.

use crate::config::environment::Environment;
use crate::config::given::Origin;
use crate::config::parse::list;
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use secrecy::SecretString;
use std::path::PathBuf;

pub(crate) const SECRET_KEY: Setting = Setting::derived(
    "SECRET_KEY",
    "made at first start in DATA_DIR/keys; must be given with APP_ENV=production",
    "change-this-to-the-output-of-openssl-rand-hex-32",
    "at least 32 random characters, from which every key for codes, mails, counters and refresh tokens is derived",
)
.secret();
pub(crate) const SECRET_KEY_PREVIOUS: Setting = Setting::derived(
    "SECRET_KEY_PREVIOUS",
    "none",
    "change-this-to-the-secret-key-before-the-present-one",
    "earlier values of SECRET_KEY, separated by commas: refresh tokens and waiting mails made with them stay good; pending codes do not, and counters begin anew",
)
.secret();
pub(crate) const TOKEN_KEYS: Setting = Setting::derived(
    "TOKEN_KEYS",
    "made at first start in DATA_DIR/keys; must be given with APP_ENV=production",
    "k4.secret.change-this-to-a-line-that-gatewright-keys-rotate-wrote",
    "keys that sign access tokens, separated by commas or line breaks; give TOKEN_KEYS_FILE so that `gatewright keys rotate` can make them, and change them without a restart",
)
.secret()
.followed_file();
pub(crate) const PASSWORD_PEPPER: Setting = Setting::derived(
    "PASSWORD_PEPPER",
    "none",
    "change-this-to-the-output-of-openssl-rand-hex-32",
    "secrets mixed into password hashes, separated by commas, the one for new hashes first; losing one locks out whoever has a hash with it",
)
.secret();

/// The secrets of an instance. `Debug` shows none.
#[derive(Debug, Clone)]
pub struct KeyConfig {
    /// The secret from which keys are derived; `None`: the one made in development.
    pub secret_key: Option<SecretString>,
    /// Earlier ones.
    pub previous_secret_keys: Vec<SecretString>,
    /// The keys that sign access tokens.
    pub token_keys: TokenKeySource,
    /// Secrets mixed into password hashes, the current one first.
    pub peppers: Vec<SecretString>,
}

/// Where the keys that sign access tokens come from.
#[derive(Debug, Clone)]
pub enum TokenKeySource {
    /// From the setting itself: they do not change while the process runs.
    Text(SecretString),
    /// From a file, read again when it changes.
    File(PathBuf),
    /// From the file made in development.
    Made,
}

impl KeyConfig {
    pub(crate) fn read(reader: &mut Reader<'_>, environment: Result<Environment, Faulty>) -> Result<Self, Faulty> {
        let secret = |text: &str| Ok(SecretString::from(text));
        let secret_key = reader.read_optional(&SECRET_KEY, secret);
        let previous = reader.read_optional(&SECRET_KEY_PREVIOUS, list(secret));
        let token_keys = reader.read_optional(&TOKEN_KEYS, secret);
        let token_keys_file = reader.origin(&TOKEN_KEYS);
        let peppers = reader.read_optional(&PASSWORD_PEPPER, list(secret));
        if matches!(environment, Ok(Environment::Production)) {
            reader.must_be_given(&SECRET_KEY);
            reader.must_be_given(&TOKEN_KEYS);
        }
        Ok(Self {
            secret_key: secret_key?,
            previous_secret_keys: previous?.unwrap_or_default(),
            token_keys: match (token_keys?, token_keys_file) {
                (Some(_), Some(Origin::File(path))) => TokenKeySource::File(path.into()),
                (Some(text), _) => TokenKeySource::Text(text),
                (None, _) => TokenKeySource::Made,
            },
            peppers: peppers?.unwrap_or_default(),
        })
    }
}
