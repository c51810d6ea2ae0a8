//! Use case: sign in with a password.

use crate::audit::{AuditEventType, AuditWriter};
use crate::input::{InputReader, InvalidInput};
use crate::ports::change::{Change, Changes, SessionChange, UserChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::ports::measurements::{Measurements, SignInOutcome};
use crate::ports::password_hasher::{PasswordHasher, PasswordMatch};
use crate::ports::users::{Account, Users};
use crate::request::RequestContext;
use crate::session::open_session::{SessionOpener, TokenGrant};
use gatewright_domain::Timestamp;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::EmailVerification;
use gatewright_domain::account::user::{SignInBar, User, UserId};
use gatewright_domain::account::username::Username;
use gatewright_domain::password::hash::PasswordHash;
use gatewright_domain::password::password::Password;
use gatewright_domain::session::session::AuthenticationMethod;
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// Signs a user in by e-mail address or username. An unknown name costs as much time as a wrong password
/// and is answered alike; what bars the account is told after the right password only.
#[derive(Clone)]
pub struct SignIn {
    /// Finds the account.
    pub users: Arc<dyn Users>,
    /// Verifies the password.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Opens the session.
    pub sessions: SessionOpener,
    /// Stores it.
    pub changes: Arc<dyn Changes>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Whether an unproven address bars the account.
    pub verification: EmailVerification,
    /// Counts how it ended.
    pub measurements: Arc<dyn Measurements>,
}

/// Who wants in.
#[derive(Debug)]
pub struct SignInCommand {
    /// E-mail address or username.
    pub login: String,
    /// The password.
    pub password: SecretString,
    /// Where from.
    pub context: RequestContext,
}

/// Why not.
#[derive(Debug, Error)]
pub enum SignInError {
    /// The password cannot be one.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// No such account, no password, or another one.
    #[error("unknown account or wrong password")]
    InvalidCredentials,
    /// The address was never proven.
    #[error("the e-mail address was never verified")]
    EmailNotVerified,
    /// The account is closed.
    #[error("the account is disabled")]
    AccountDisabled,
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl SignIn {
    /// Signs in.
    ///
    /// # Errors
    /// See [`SignInError`].
    pub async fn execute(&self, command: SignInCommand) -> Result<TokenGrant, SignInError> {
        let outcome = self.attempt(command).await;
        if let Some(counted) = counted(&outcome) {
            self.measurements.sign_in(counted);
        }
        outcome
    }

    async fn attempt(&self, command: SignInCommand) -> Result<TokenGrant, SignInError> {
        let mut input = InputReader::default();
        let Some(password) = input.password("password", &command.password) else {
            return Err(input.into_error().into());
        };
        let account = self.find(&command.login).await?;
        let stored = account.as_ref().and_then(|account| account.password.clone());
        let matched = self.hasher.verify(password.clone(), stored.clone()).await?;
        let now = self.clock.now();
        match (account, stored, matched) {
            (Some(account), Some(hash), PasswordMatch::Yes | PasswordMatch::YesButOutdated) => {
                self.admit(account, hash, matched, password, &command.context, now)
                    .await
            }
            (account, ..) => {
                let subject = account.map(|account| account.user.id);
                self.refuse(subject, "invalid_credentials", &command.context, now)
                    .await?;
                Err(SignInError::InvalidCredentials)
            }
        }
    }

    async fn find(&self, login: &str) -> Result<Option<Account>, PortError> {
        if login.contains('@') {
            let Ok(email) = EmailAddress::parse(login) else {
                return Ok(None);
            };
            self.users.find_by_email(&email).await
        } else {
            let Ok(username) = Username::parse(login) else {
                return Ok(None);
            };
            self.users.find_by_username(&username).await
        }
    }

    async fn admit(
        &self,
        account: Account,
        verified: PasswordHash,
        matched: PasswordMatch,
        password: Password,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<TokenGrant, SignInError> {
        let user = account.user;
        if let Some(bar) = user.sign_in_bar(self.verification == EmailVerification::Required) {
            let (reason, error) = match bar {
                SignInBar::AccountDisabled => ("account_disabled", SignInError::AccountDisabled),
                SignInBar::EmailNotVerified => ("email_not_verified", SignInError::EmailNotVerified),
            };
            self.refuse(Some(user.id), reason, context, now).await?;
            return Err(error);
        }
        let methods = [AuthenticationMethod::Password].into();
        let (session, refresh_token) = self.sessions.open(&user, methods, &context.client, now);
        let audit = AuditWriter::new(&*self.sessions.secrets, context, now);
        let mut changes = vec![
            Change::User(UserChange::SignedIn {
                id: user.id,
                verified: Some(verified.clone()),
                at: now,
            }),
            Change::Session(SessionChange::Insert(session.clone())),
            Change::Audit(
                audit
                    .by_user(AuditEventType::LoginSucceeded, user.id)
                    .in_session(session.id),
            ),
        ];
        if matched == PasswordMatch::YesButOutdated {
            changes.extend(self.rehash(user.id, verified, password).await);
        }
        let user = User {
            last_login_at: Some(now),
            ..user
        };
        let grant = self.sessions.grant(session, user, refresh_token, now)?;
        match self.changes.apply(changes).await {
            Ok(()) => Ok(grant),
            // The password was changed, or the account removed, while this one was being verified.
            Err(PortError::Conflict(Constraint::PasswordUnchanged | Constraint::UserExists)) => {
                Err(SignInError::InvalidCredentials)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A busy pool is no reason to turn a user away: the hash is renewed at a later sign-in.
    async fn rehash(&self, id: UserId, old: PasswordHash, password: Password) -> Option<Change> {
        let new = self.hasher.hash(password).await.ok()?;
        Some(Change::User(UserChange::Rehash { id, old, new }))
    }

    async fn refuse(
        &self,
        subject: Option<UserId>,
        reason: &'static str,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<(), PortError> {
        let audit = AuditWriter::new(&*self.sessions.secrets, context, now);
        let event = audit.about_user(AuditEventType::LoginFailed, subject).because(reason);
        self.changes.apply(vec![Change::Audit(event)]).await
    }
}

/// What cannot be a password was no attempt.
fn counted(outcome: &Result<TokenGrant, SignInError>) -> Option<SignInOutcome> {
    Some(match outcome {
        Ok(_) => SignInOutcome::Succeeded,
        Err(SignInError::Invalid(_)) => return None,
        Err(SignInError::InvalidCredentials) => SignInOutcome::InvalidCredentials,
        Err(SignInError::EmailNotVerified | SignInError::AccountDisabled) => SignInOutcome::Refused,
        Err(SignInError::Unexpected(_)) => SignInOutcome::Unavailable,
    })
}
