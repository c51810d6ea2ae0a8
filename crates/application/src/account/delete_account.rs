//! Use case: delete one's own account.

use crate::account::confirm_password::{ConfirmPassword, ConfirmPasswordError};
use crate::audit::{AuditEventType, AuditWriter};
use crate::ports::change::{Change, Changes, UserChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::ports::secrets::Secrets;
use crate::request::RequestContext;
use crate::session::identity::Identity;
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// Deletes the account and everything that is its owner's; tokens stop working at once, the id is never reused.
#[derive(Clone)]
pub struct DeleteAccount {
    /// Asks for the password.
    pub confirm: ConfirmPassword,
    /// Deletes.
    pub changes: Arc<dyn Changes>,
    /// Draws ids.
    pub secrets: Arc<dyn Secrets>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Why nothing was deleted.
#[derive(Debug, Error)]
pub enum DeleteAccountError {
    /// The password was not confirmed.
    #[error(transparent)]
    Password(#[from] ConfirmPasswordError),
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl DeleteAccount {
    /// Deletes the account of `identity`.
    ///
    /// # Errors
    /// See [`DeleteAccountError`].
    pub async fn execute(
        &self,
        identity: &Identity,
        password: &SecretString,
        context: &RequestContext,
    ) -> Result<(), DeleteAccountError> {
        let id = identity.user.id;
        let confirmed = self.confirm.execute("password", id, password, context).await?;
        let audit = AuditWriter::new(&*self.secrets, context, self.clock.now());
        let event = audit.by_user(AuditEventType::UserDeleted, id);
        let changes = vec![
            Change::User(UserChange::ExpectPassword {
                id,
                verified: confirmed.hash,
            }),
            Change::User(UserChange::Delete { id }),
            Change::Audit(event),
        ];
        match self.changes.apply(changes).await {
            // Deleted by a request that ran at the same time: what was asked for is so.
            Ok(()) | Err(PortError::Conflict(Constraint::UserExists)) => Ok(()),
            Err(PortError::Conflict(Constraint::PasswordUnchanged)) => Err(ConfirmPasswordError::Wrong.into()),
            Err(error) => Err(error.into()),
        }
    }
}
