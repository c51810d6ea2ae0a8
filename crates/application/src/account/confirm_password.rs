//! Asking for the current password before something sensitive (ASVS 7.5.1).

use crate::audit::{AuditEventType, AuditWriter};
use crate::input::{InputReader, InvalidInput};
use crate::ports::change::{Change, Changes};
use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::password_hasher::{PasswordHasher, PasswordMatch};
use crate::ports::secrets::Secrets;
use crate::ports::users::Users;
use crate::request::RequestContext;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::password::hash::PasswordHash;
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// Verifies the password of somebody who is signed in already.
#[derive(Clone)]
pub struct ConfirmPassword {
    /// Finds the account as it is now.
    pub users: Arc<dyn Users>,
    /// Verifies.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Keeps the audit event of a failure.
    pub changes: Arc<dyn Changes>,
    /// Draws ids.
    pub secrets: Arc<dyn Secrets>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The account, and the hash its password was verified against.
#[derive(Debug)]
pub struct Confirmed {
    /// The user as stored.
    pub user: User,
    /// The hash.
    pub hash: PasswordHash,
}

/// Why it was not confirmed.
#[derive(Debug, Error)]
pub enum ConfirmPasswordError {
    /// It cannot be a password.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// Another password, or the account has none.
    #[error("wrong password")]
    Wrong,
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl ConfirmPassword {
    /// Verifies `entered`, which came in `field`, against the password of `user`.
    ///
    /// # Errors
    /// See [`ConfirmPasswordError`].
    pub async fn execute(
        &self,
        field: &'static str,
        user: UserId,
        entered: &SecretString,
        context: &RequestContext,
    ) -> Result<Confirmed, ConfirmPasswordError> {
        let mut input = InputReader::default();
        let Some(password) = input.password(field, entered) else {
            return Err(input.into_error().into());
        };
        let account = self.users.find(user).await?;
        let hash = account.as_ref().and_then(|account| account.password.clone());
        let matched = self.hasher.verify(password, hash.clone()).await?;
        if let (Some(account), Some(hash)) = (account, hash)
            && matched != PasswordMatch::No
        {
            return Ok(Confirmed {
                user: account.user,
                hash,
            });
        }
        let audit = AuditWriter::new(&*self.secrets, context, self.clock.now());
        let event = audit.by_user(AuditEventType::PasswordConfirmationFailed, user);
        self.changes.apply(vec![Change::Audit(event)]).await?;
        Err(ConfirmPasswordError::Wrong)
    }
}
