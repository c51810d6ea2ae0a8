//! The service's secret, from which every symmetric key is derived.

use crate::keys::mac_key::MacKey;
use crate::keys::pattern::is_patterned;
use crate::os_random::random_bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use zeroize::Zeroizing;

/// Shortest secret, in bytes of its text.
pub const MIN_SECRET_KEY_BYTES: usize = 32;
/// Words of sample configurations; random text of this length contains one once in a thousand million.
const PLACEHOLDERS: [&str; 7] = [
    "change",
    "default",
    "example",
    "gatewright",
    "password",
    "placeholder",
    "secret",
];

/// A secret of the service: any text of 32 bytes or more that nobody can guess, such as 32 random
/// bytes in base64 or hex. What is used are keys derived from it (HKDF-SHA-256, RFC 5869), one a purpose.
#[derive(Debug, Clone)]
pub struct SecretKey(MacKey);

/// Why a text cannot be the secret. It never shows the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SecretKeyError {
    /// Under [`MIN_SECRET_KEY_BYTES`].
    #[error("the secret is shorter than 32 characters")]
    TooShort,
    /// Repeated or counted-up characters.
    #[error("the secret follows a pattern: draw it at random")]
    Patterned,
    /// It contains a word of sample configurations.
    #[error("the secret looks like a placeholder: draw it at random")]
    Placeholder,
}

impl SecretKey {
    /// Takes the secret.
    ///
    /// # Errors
    /// [`SecretKeyError`] for one that can be guessed.
    pub fn parse(text: &SecretString) -> Result<Self, SecretKeyError> {
        let text = text.expose_secret().trim();
        if text.len() < MIN_SECRET_KEY_BYTES {
            return Err(SecretKeyError::TooShort);
        }
        if is_patterned(text.as_bytes()) {
            return Err(SecretKeyError::Patterned);
        }
        let lower = Zeroizing::new(text.to_ascii_lowercase());
        if PLACEHOLDERS.iter().any(|word| lower.contains(word)) {
            return Err(SecretKeyError::Placeholder);
        }
        let extracted = Zeroizing::new(MacKey::new(b"gatewright").mac(&[text.as_bytes()]));
        Ok(Self(MacKey::new(extracted.as_slice())))
    }

    /// A new secret, as text to keep.
    #[must_use]
    pub fn generate() -> SecretString {
        let bytes = Zeroizing::new(random_bytes::<32>());
        URL_SAFE_NO_PAD.encode(bytes.as_slice()).into()
    }

    /// The key for one purpose.
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.mac(&[purpose.as_bytes(), &[1]]))
    }

    /// The key for one purpose, for HMAC.
    pub(crate) fn derive_mac_key(&self, purpose: &str) -> MacKey {
        MacKey::new(self.derive(purpose).as_slice())
    }
}

/// The secret in use, and earlier ones that still recognise what was made with them.
#[derive(Debug, Clone)]
pub struct SecretKeys {
    /// Makes everything new.
    pub current: SecretKey,
    /// Recognise only.
    pub previous: Vec<SecretKey>,
}

impl SecretKeys {
    /// One secret, and none before it.
    #[must_use]
    pub fn only(current: SecretKey) -> Self {
        Self {
            current,
            previous: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    fn parse(text: &str) -> Result<SecretKey, SecretKeyError> {
        SecretKey::parse(&text.into())
    }

    #[test]
    fn random_secrets_are_taken_in_any_encoding() {
        for text in [
            SecretKey::generate().expose_secret(),
            "b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef",
            "t+FRYorH09zZ0Lq1QmH8dZ5sB2o4cV7yXr3uNw0PjKk=",
            "9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d",
            "oder auch vierzehn Wörter, gewürfelt: Zaun Igel Kupfer",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn r13_guessable_secrets_are_refused() {
        assert_eq!(parse("").unwrap_err(), SecretKeyError::TooShort);
        assert_eq!(
            parse("X9v$k2Lq!p8Zr4Tw@n6Yb1Hd%s3Fj7G").unwrap_err(),
            SecretKeyError::TooShort
        );
        for text in [
            "a".repeat(64),
            "0123456789".repeat(4),
            "abcdefghijklmnopqrstuvwxyz012345".to_owned(),
            "abc1".repeat(16),
        ] {
            assert_eq!(parse(&text).unwrap_err(), SecretKeyError::Patterned, "{text}");
        }
        for text in [
            "THIS_NEEDS_TO_BE_CHANGED_0123456789",
            "my-super-Secret-key-0123456789-abcdef",
            "correct-horse-battery-password-staple",
        ] {
            assert_eq!(parse(text).unwrap_err(), SecretKeyError::Placeholder, "{text}");
        }
    }

    #[test]
    fn surrounding_white_space_is_no_part_of_the_secret() {
        let text = SecretKey::generate();
        let file = format!("{}\n", text.expose_secret());
        assert_eq!(
            parse(&file).unwrap().derive("a"),
            SecretKey::parse(&text).unwrap().derive("a")
        );
    }

    /// RFC 5869: extract with the salt `gatewright`, expand to 32 bytes; made with another implementation.
    #[test]
    fn derived_keys_are_hkdf_and_differ_by_purpose() {
        let key = parse("b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef").unwrap();
        let hex = hex::encode(key.derive("a").as_slice());
        assert_eq!(hex, "0cacbc65b907857ff838d97b338704f0297d0cea31063677a67890a7b030d28a");
        assert_ne!(key.derive("a"), key.derive("b"));
    }

    #[test]
    fn neither_debug_nor_errors_show_the_secret() {
        let text = "b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef";
        assert!(!format!("{:?}", SecretKeys::only(parse(text).unwrap())).contains("b7e1"));
        assert!(!parse("hunter2").unwrap_err().to_string().contains("hunter2"));
    }
}
