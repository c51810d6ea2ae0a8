//! A password as somebody entered it.

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// Longest password, in code points; far above the 64 that NIST SP 800-63B-4 §3.1.1.2 asks for.
pub const MAX_PASSWORD_CHARS: usize = 256;
/// Longest password, in bytes of UTF-8 as received.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// A password in NFC (NIST SP 800-63B-4 §3.1.1.2), whole: no character is dropped, changed in case
/// or cut off, a NUL included (ASVS 6.2.8). NFC is the one exception to "exactly as received": an
/// `é` typed on a phone and on a laptop has to be one password.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

/// Why a text cannot be a password at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Nothing was entered.
    #[error("the password is empty")]
    Empty,
    /// Over [`MAX_PASSWORD_CHARS`] or [`MAX_PASSWORD_BYTES`].
    #[error("the password is longer than 256 characters")]
    TooLong,
}

impl Password {
    /// Takes a password as entered.
    ///
    /// # Errors
    /// See [`PasswordError`]; both are found before any hashing.
    pub fn parse(entered: &SecretString) -> Result<Self, PasswordError> {
        let text = entered.expose_secret();
        if text.is_empty() {
            return Err(PasswordError::Empty);
        }
        if text.len() > MAX_PASSWORD_BYTES {
            return Err(PasswordError::TooLong);
        }
        let normalised: String = text.nfc().collect();
        if normalised.chars().count() > MAX_PASSWORD_CHARS {
            return Err(PasswordError::TooLong);
        }
        Ok(Self(normalised.into()))
    }

    /// The password, for hashing and for the policy.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Password, PasswordError> {
        Password::parse(&text.to_owned().into())
    }

    #[test]
    fn a20_two_spellings_of_one_character_are_one_password() {
        assert_eq!(
            parse("caf\u{e9} society here").unwrap().expose(),
            parse("cafe\u{301} society here").unwrap().expose()
        );
    }

    #[test]
    fn a19_nothing_is_cut_off() {
        let long = "a".repeat(256);
        assert_eq!(parse(&long).unwrap().expose(), long);
        assert_eq!(parse("before\0after").unwrap().expose(), "before\0after");
        assert_eq!(parse("  spaces  ").unwrap().expose(), "  spaces  ");
    }

    #[test]
    fn a16_the_bound_is_found_before_hashing() {
        assert_eq!(parse("").unwrap_err(), PasswordError::Empty);
        assert_eq!(parse(&"a".repeat(257)).unwrap_err(), PasswordError::TooLong);
        assert!(parse(&"王".repeat(256)).is_ok());
        assert_eq!(parse(&"\u{1f511}".repeat(257)).unwrap_err(), PasswordError::TooLong);
    }

    #[test]
    fn debug_prints_no_password() {
        assert!(!format!("{:?}", parse("correct horse").unwrap()).contains("horse"));
    }
}
