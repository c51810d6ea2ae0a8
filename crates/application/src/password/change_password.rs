//! Use case: change one's own password.

use crate::account::confirm_password::{ConfirmPassword, ConfirmPasswordError};
use crate::audit::{AuditEventType, AuditWriter};
use crate::mail::compose::{MailComposer, MailDraft, readable_time};
use crate::mail::content::MailTemplate;
use crate::password::new_password::{NewPasswords, PasswordRejection};
use crate::ports::change::{ChallengeChange, Change, Changes, SessionChange, UserChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::request::RequestContext;
use crate::session::identity::Identity;
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::ChallengePurpose;
use gatewright_domain::password::hash::PasswordHash;
use gatewright_domain::password::policy::PasswordOwner;
use gatewright_domain::session::session::SessionEnd;
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// Changes the password: the current one is asked for (ASVS 6.2.3), every other session ends, the owner is told.
#[derive(Clone)]
pub struct ChangePassword {
    /// Asks for the current password.
    pub confirm: ConfirmPassword,
    /// Judges and hashes the new one.
    pub passwords: NewPasswords,
    /// Tells the owner.
    pub mails: MailComposer,
    /// Stores it all.
    pub changes: Arc<dyn Changes>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A change of password.
#[derive(Debug)]
pub struct ChangePasswordCommand {
    /// Who asks.
    pub identity: Arc<Identity>,
    /// The password so far.
    pub current_password: SecretString,
    /// The password to be.
    pub new_password: SecretString,
    /// Where from.
    pub context: RequestContext,
}

/// Why nothing was changed.
#[derive(Debug, Error)]
pub enum ChangePasswordError {
    /// The current password was not confirmed.
    #[error(transparent)]
    Current(#[from] ConfirmPasswordError),
    /// The new one is not accepted.
    #[error(transparent)]
    New(#[from] PasswordRejection),
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl ChangePassword {
    /// Changes it.
    ///
    /// # Errors
    /// See [`ChangePasswordError`].
    pub async fn execute(&self, command: ChangePasswordCommand) -> Result<(), ChangePasswordError> {
        let user = &command.identity.user;
        let owner = PasswordOwner {
            email: &user.email,
            username: user.username.as_ref(),
        };
        let password = self.passwords.judge(&command.new_password, Some(owner))?;
        let confirmed = self
            .confirm
            .execute("current_password", user.id, &command.current_password, &command.context)
            .await?;
        let hash = self.passwords.hash(password).await?;
        let changes = self.decide(&command, confirmed.hash, hash, self.clock.now())?;
        match self.changes.apply(changes).await {
            Ok(()) => Ok(()),
            // Somebody changed it in the meantime: the current password given is no longer the current one.
            Err(PortError::Conflict(Constraint::PasswordUnchanged)) => Err(ConfirmPasswordError::Wrong.into()),
            Err(error) => Err(error.into()),
        }
    }

    fn decide(
        &self,
        command: &ChangePasswordCommand,
        old: PasswordHash,
        new: PasswordHash,
        at: Timestamp,
    ) -> Result<Vec<Change>, PortError> {
        let (user, session) = (&command.identity.user, command.identity.claims.session_id);
        let (id, reason) = (user.id, SessionEnd::PasswordChanged);
        let draft = MailDraft::new(MailTemplate::PasswordChanged, &user.email)
            .with("changed_at", readable_time(at))
            .with("requested_from", command.context.describe_client());
        let audit = AuditWriter::new(&*self.mails.secrets, &command.context, at);
        Ok(vec![
            Change::User(UserChange::SetPassword {
                id,
                expected: Some(old),
                new,
                at,
            }),
            Change::Session(SessionChange::EndAllOf {
                user: id,
                except: Some(session),
                at,
                reason,
            }),
            Change::Challenge(ChallengeChange::VoidAllOf {
                user: id,
                purpose: ChallengePurpose::PasswordReset,
                at,
            }),
            Change::Challenge(ChallengeChange::VoidAllOf {
                user: id,
                purpose: ChallengePurpose::EmailChange,
                at,
            }),
            Change::Audit(audit.by_user(AuditEventType::PasswordChanged, id).in_session(session)),
            self.mails.enqueue(draft, at)?,
        ])
    }
}
