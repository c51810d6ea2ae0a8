//! Hashing passwords.

use crate::ports::error::PortError;
use async_trait::async_trait;
use gatewright_domain::password::hash::PasswordHash;
use gatewright_domain::password::password::Password;

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMatch {
    /// Another password.
    No,
    /// The password.
    Yes,
    /// The password, hashed with parameters that are no longer the current ones: hash it anew.
    YesButOutdated,
}

/// Hashes and verifies passwords on a bounded pool of its own. It MUST never block the caller's
/// thread, MUST answer [`PortError::Overloaded`] rather than queue without bound, and MUST give its
/// place back when the caller goes away.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes with the current parameters and a fresh salt.
    async fn hash(&self, password: Password) -> Result<PasswordHash, PortError>;

    /// Compares in constant time. With `None`, where no account or no password exists, it MUST do
    /// the work of one verification with the current parameters and answer [`PasswordMatch::No`].
    async fn verify(&self, password: Password, hash: Option<PasswordHash>) -> Result<PasswordMatch, PortError>;
}
