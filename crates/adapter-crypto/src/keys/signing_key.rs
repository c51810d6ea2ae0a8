//! One key that signs access tokens.

use crate::keys::key_lifetime::KeyLifetime;
use crate::keys::pattern::is_patterned;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatewright_domain::Timestamp;
use pasetors::keys::{AsymmetricKeyPair, AsymmetricPublicKey, AsymmetricSecretKey, Generate};
use pasetors::paserk::{FormatAsPaserk, Id};
use pasetors::version4::V4;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// An Ed25519 key pair for PASETO v4.public, and from when until when it is used.
#[derive(Clone)]
pub struct SigningKey {
    pub(crate) secret: AsymmetricSecretKey<V4>,
    pub(crate) public: AsymmetricPublicKey<V4>,
    id: String,
    footer: String,
    lifetime: KeyLifetime,
}

/// Why a text is not a signing key. It never shows the text, which may be the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SigningKeyError {
    /// Not `k4.secret.` and 64 bytes, or its halves do not belong together.
    #[error("it does not begin with a PASERK key of the form k4.secret.…")]
    NotAKey,
    /// A key that was not drawn at random.
    #[error("its key follows a pattern: draw it at random")]
    Patterned,
    /// Something other than the three known attributes follows, or one of them twice.
    #[error("after the key come created=, active_from= and verify_until=, each at most once")]
    Attribute,
    /// The attribute's value is not a time.
    #[error("{0} is not an RFC 3339 time such as 2026-03-01T00:00:00Z")]
    Time(&'static str),
    /// It would stop verifying before it signs.
    #[error("verify_until is not after active_from")]
    NeverValid,
}

impl SigningKey {
    /// A new key, made at `now` to sign from `active_from` on.
    ///
    /// # Panics
    /// Where the operating system has no random bytes to give.
    #[must_use]
    pub fn generate(now: Timestamp, active_from: Timestamp) -> Self {
        #[expect(clippy::expect_used, reason = "without randomness no key may be made")]
        let pair = AsymmetricKeyPair::<V4>::generate().expect("the operating system gives random bytes");
        let lifetime = KeyLifetime {
            created_at: now,
            active_from,
            verify_until: None,
        };
        Self::new(pair, lifetime)
    }

    /// Reads `k4.secret.… created=… active_from=… verify_until=…`; all but the key may be missing.
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub fn parse(text: &str) -> Result<Self, SigningKeyError> {
        let mut words = text.split_ascii_whitespace();
        let pair = key_pair(words.next().unwrap_or_default())?;
        Ok(Self::new(pair, KeyLifetime::parse(words)?))
    }

    fn new(pair: AsymmetricKeyPair<V4>, lifetime: KeyLifetime) -> Self {
        let id = paserk(&Id::from(&pair.public));
        Self {
            footer: format!(r#"{{"kid":"{id}"}}"#),
            id,
            secret: pair.secret,
            public: pair.public,
            lifetime,
        }
    }

    /// What [`parse`](Self::parse) reads.
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        let key = Zeroizing::new(paserk(&self.secret));
        Zeroizing::new(format!("{} {}", key.as_str(), self.lifetime.to_text()))
    }

    /// The same key, which verifies no longer than until `moment`.
    pub(crate) fn retired_at(&self, moment: Timestamp) -> Self {
        Self {
            lifetime: self.lifetime.retired_at(moment),
            ..self.clone()
        }
    }

    /// The id: PASERK `k4.pid.…` of the public key.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The public key: PASERK `k4.public.…`.
    #[must_use]
    pub fn public_paserk(&self) -> String {
        paserk(&self.public)
    }

    /// From when until when it is used.
    #[must_use]
    pub fn lifetime(&self) -> KeyLifetime {
        self.lifetime
    }

    /// The footer of every token this key signs: the id and nothing else.
    pub(crate) fn footer(&self) -> &[u8] {
        self.footer.as_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// Reads `k4.secret.…`. The seed is looked at before the library gets it, which panics at one of zeros.
fn key_pair(text: &str) -> Result<AsymmetricKeyPair<V4>, SigningKeyError> {
    let encoded = text.strip_prefix("k4.secret.").ok_or(SigningKeyError::NotAKey)?;
    let decoded = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| SigningKeyError::NotAKey)?;
    let bytes = Zeroizing::new(decoded);
    let (seed, _) = bytes.split_first_chunk::<32>().ok_or(SigningKeyError::NotAKey)?;
    if is_patterned(seed) {
        return Err(SigningKeyError::Patterned);
    }
    let secret = AsymmetricSecretKey::from(&bytes).map_err(|_| SigningKeyError::NotAKey)?;
    let public = AsymmetricPublicKey::try_from(&secret).map_err(|_| SigningKeyError::NotAKey)?;
    Ok(AsymmetricKeyPair { public, secret })
}

fn paserk(key: &impl FormatAsPaserk) -> String {
    let mut text = String::new();
    #[expect(clippy::expect_used, reason = "writing to a String does not fail")]
    FormatAsPaserk::fmt(key, &mut text).expect("PASERK text");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    const NOW: Timestamp = datetime!(2026-03-01 12:00 UTC);

    fn key_text() -> String {
        let text = SigningKey::generate(NOW, NOW).to_text();
        text.split(' ').next().unwrap().to_owned()
    }

    #[test]
    fn a_key_survives_its_text() {
        let key = SigningKey::generate(NOW, datetime!(2026-03-02 00:00 UTC));
        let read = SigningKey::parse(&key.to_text()).unwrap();
        assert_eq!(read.to_text(), key.to_text());
        assert_eq!((read.id(), read.public_paserk()), (key.id(), key.public_paserk()));
        assert_eq!(read.lifetime(), key.lifetime());
    }

    #[test]
    fn every_fault_is_named() {
        let key = key_text();
        let public = SigningKey::generate(NOW, NOW).public_paserk();
        for (text, fault) in [
            (String::new(), SigningKeyError::NotAKey),
            (public, SigningKeyError::NotAKey),
            (key.replace("k4.", "k2."), SigningKeyError::NotAKey),
            (key.chars().take(90).collect(), SigningKeyError::NotAKey),
            (format!("{key}A"), SigningKeyError::NotAKey),
            (format!("{key} signs=never"), SigningKeyError::Attribute),
        ] {
            assert_eq!(SigningKey::parse(&text).unwrap_err(), fault, "{text}");
        }
    }

    #[test]
    fn a_secret_half_with_another_public_half_is_no_key() {
        let bytes = |text: &str| {
            URL_SAFE_NO_PAD
                .decode(text.strip_prefix("k4.secret.").unwrap())
                .unwrap()
        };
        let (one, two) = (bytes(&key_text()), bytes(&key_text()));
        let mixed = [&one[..32], &two[32..]].concat();
        let text = format!("k4.secret.{}", URL_SAFE_NO_PAD.encode(mixed));
        assert_eq!(SigningKey::parse(&text).unwrap_err(), SigningKeyError::NotAKey);
    }

    #[test]
    fn r13_keys_that_everybody_can_guess_are_refused() {
        let counted: Vec<u8> = (0..64).collect();
        for bytes in [&[0; 64], counted.as_slice()] {
            let text = format!("k4.secret.{}", URL_SAFE_NO_PAD.encode(bytes));
            assert_eq!(SigningKey::parse(&text).unwrap_err(), SigningKeyError::Patterned);
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let key = SigningKey::generate(NOW, NOW);
        let text = key.to_text();
        let secret = text.strip_prefix("k4.secret.").unwrap();
        assert!(!format!("{key:?}").contains(&secret[..16]));
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_no_key(text in "(k4\\.secret\\.)?[A-Za-z0-9_-]{0,90}( [a-z_]{0,12}=\\PC{0,30})?|\\PC{0,60}") {
            prop_assert!(SigningKey::parse(&text).is_err());
        }
    }
}
