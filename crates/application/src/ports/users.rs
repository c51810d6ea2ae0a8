//! Looking up users.

use crate::ports::error::PortError;
use async_trait::async_trait;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::account::username::Username;
use gatewright_domain::password::hash::PasswordHash;

/// A user together with the password hash; `None` where the user has no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: User,
    /// The hash of the password.
    pub password: Option<PasswordHash>,
}

/// Reads users.
#[async_trait]
pub trait Users: Send + Sync {
    /// By identity.
    async fn find(&self, id: UserId) -> Result<Option<Account>, PortError>;

    /// By address. MUST go by the canonical form.
    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Account>, PortError>;

    /// By username. MUST go by the canonical form.
    async fn find_by_username(&self, username: &Username) -> Result<Option<Account>, PortError>;
}
