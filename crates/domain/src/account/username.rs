//! Usernames: public handles, unique without regard to case, never an e-mail address.

use std::fmt;
use thiserror::Error;

/// Shortest username, in characters.
pub const MIN_USERNAME_CHARS: usize = 3;
/// Longest username, in characters.
pub const MAX_USERNAME_CHARS: usize = 32;

/// A public handle a user may sign in with.
///
/// ASCII letters, digits, `.`, `_` and `-`, beginning and ending with a letter or digit. There is
/// no `@` in it, so a username can never be somebody's e-mail address (Keycloak CVE-2021-3754).
#[derive(Clone)]
pub struct Username {
    name: String,
    canonical: String,
}

/// Why a text is not an acceptable username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UsernameError {
    /// Outside [`MIN_USERNAME_CHARS`]..=[`MAX_USERNAME_CHARS`].
    #[error("a username has 3 to 32 characters")]
    Length,
    /// A character other than ASCII letters, digits, `.`, `_`, `-`.
    #[error("a username holds ASCII letters, digits, '.', '_' and '-' only")]
    Characters,
    /// Begins or ends with something else than a letter or digit.
    #[error("a username begins and ends with a letter or digit")]
    Ends,
}

impl Username {
    /// Reads a username as typed.
    ///
    /// # Errors
    /// See [`UsernameError`].
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !text.bytes().all(allowed) {
            return Err(UsernameError::Characters);
        }
        if !(MIN_USERNAME_CHARS..=MAX_USERNAME_CHARS).contains(&text.len()) {
            return Err(UsernameError::Length);
        }
        let alphanumeric = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        if !alphanumeric(text.bytes().next()) || !alphanumeric(text.bytes().last()) {
            return Err(UsernameError::Ends);
        }
        Ok(Self {
            name: text.to_owned(),
            canonical: text.to_ascii_lowercase(),
        })
    }

    /// The name as its owner writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The form two spellings of one username share.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Username {}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Username({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_kept_for_show_and_ignored_for_identity() {
        let name = Username::parse("Ann.Lee-7").unwrap();
        assert_eq!(name.as_str(), "Ann.Lee-7");
        assert_eq!(name, Username::parse("ANN.lee-7").unwrap());
    }

    #[test]
    fn a26_a_username_is_never_an_email_address() {
        assert_eq!(Username::parse("ann@example.org"), Err(UsernameError::Characters));
    }

    #[test]
    fn lengths_and_ends_are_bounded() {
        assert_eq!(Username::parse("ab"), Err(UsernameError::Length));
        assert!(Username::parse("abc").is_ok());
        assert!(Username::parse(&"a".repeat(32)).is_ok());
        assert_eq!(Username::parse(&"a".repeat(33)), Err(UsernameError::Length));
        for text in ["-ab", "ab.", "_ab"] {
            assert_eq!(Username::parse(text), Err(UsernameError::Ends), "{text}");
        }
        for text in ["a b c", "änn", "a\nb", "\u{0430}nna"] {
            assert_eq!(Username::parse(text), Err(UsernameError::Characters), "{text}");
        }
    }
}
