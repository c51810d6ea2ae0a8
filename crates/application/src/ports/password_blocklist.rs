//! Common and breached passwords.

/// Knows passwords that attackers try first (ASVS 6.2.4, 6.2.12), without asking anybody else.
pub trait PasswordBlocklist: Send + Sync {
    /// Whether this text, as a whole, is on the list.
    fn contains(&self, password: &str) -> bool;
}
