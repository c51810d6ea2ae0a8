//! Keys that a stolen database does not contain.

use crate::keys::mac_key::MacKey;
use crate::keys::secret_key::SecretKey;
use argon2::KeyId;

/// Pepper keys, the current one first: the output of argon2 is put through HMAC-SHA-256 under one of them (NIST SP
/// 800-63B-4 §3.1.1.2), so that stolen hashes cannot even be tried without it. Each hash names its key by an id
/// derived from the key, so no two keys are taken for one another.
#[derive(Debug, Clone, Default)]
pub struct Peppers(Vec<Pepper>);

#[derive(Debug, Clone)]
pub(crate) struct Pepper {
    pub(crate) id: KeyId,
    pub(crate) key: MacKey,
}

impl Peppers {
    /// New hashes get the first; hashes with the others still verify. None at all is allowed.
    #[must_use]
    pub fn new(keys: &[SecretKey]) -> Self {
        Self(keys.iter().map(Pepper::of).collect())
    }

    /// The one for new hashes.
    pub(crate) fn current(&self) -> Option<&Pepper> {
        self.0.first()
    }

    /// The one of that id.
    pub(crate) fn find(&self, id: &[u8]) -> Option<&Pepper> {
        self.0.iter().find(|pepper| pepper.id.as_bytes() == id)
    }
}

impl Pepper {
    fn of(key: &SecretKey) -> Self {
        let id: [u8; 32] = *key.derive("pepper: id");
        #[expect(clippy::expect_used, reason = "an id has at most 8 bytes")]
        let id = KeyId::new(&id[..6]).expect("6 bytes");
        Self {
            id,
            key: key.derive_mac_key("pepper: key"),
        }
    }
}
