//! A short list of common passwords.

use gatewright_application::ports::password_blocklist::PasswordBlocklist;
use std::collections::HashSet;

/// The passwords it was given, and no other.
#[derive(Debug, Default)]
pub struct ListedPasswords(HashSet<String>);

impl ListedPasswords {
    /// A list of these.
    #[must_use]
    pub fn of(passwords: &[&str]) -> Self {
        Self(passwords.iter().map(|&password| password.to_owned()).collect())
    }
}

impl PasswordBlocklist for ListedPasswords {
    fn contains(&self, password: &str) -> bool {
        self.0.contains(password)
    }
}
