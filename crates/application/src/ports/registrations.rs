//! Looking up pending registrations.

use crate::ports::error::PortError;
use async_trait::async_trait;
use gatewright_domain::Timestamp;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::{Registration, RegistrationId};

/// Reads pending registrations.
#[async_trait]
pub trait Registrations: Send + Sync {
    /// By identity, expired or not.
    async fn find(&self, id: RegistrationId) -> Result<Option<Registration>, PortError>;

    /// Those that wait for this address (by its canonical form), newest first. MUST leave out what has
    /// expired at `now`.
    async fn waiting_for(&self, email: &EmailAddress, now: Timestamp) -> Result<Vec<Registration>, PortError>;
}
