//! Use case: ask for a password reset.

use crate::audit::{AuditEventType, AuditWriter};
use crate::challenge::issue::{ChallengeIssuer, IssuedChallenge};
use crate::input::{InputReader, InvalidInput};
use crate::mail::compose::{LinkPage, MailComposer, MailDraft, minutes};
use crate::mail::content::MailTemplate;
use crate::mail::mail_allowance::{MailAllowance, Occasion};
use crate::ports::change::{ChallengeChange, Change, Changes};
use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::users::Users;
use crate::registration::flow_started::FlowStarted;
use crate::request::RequestContext;
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{ChallengePurpose, ChallengeSubject, PasswordResetMethod};
use gatewright_domain::account::user::{User, UserStatus};
use secrecy::ExposeSecret;
use std::sync::Arc;
use thiserror::Error;

/// Starts a recovery. Whether the address has an account changes neither the answer nor the work done for it.
#[derive(Clone)]
pub struct RequestPasswordReset {
    /// Finds the account.
    pub users: Arc<dyn Users>,
    /// Makes the challenge.
    pub challenges: ChallengeIssuer,
    /// Guards the mailbox.
    pub allowance: MailAllowance,
    /// Writes the mail.
    pub mails: MailComposer,
    /// Stores both.
    pub changes: Arc<dyn Changes>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Why nothing was started.
#[derive(Debug, Error)]
pub enum RequestPasswordResetError {
    /// Not an e-mail address.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl RequestPasswordReset {
    /// Starts the recovery of the account of `email`.
    ///
    /// # Errors
    /// See [`RequestPasswordResetError`].
    pub async fn execute(
        &self,
        email: &str,
        context: &RequestContext,
    ) -> Result<FlowStarted, RequestPasswordResetError> {
        let purpose = ChallengePurpose::PasswordReset;
        let mut input = InputReader::default();
        let Some(email) = input.email("email", email) else {
            return Err(input.into_error().into());
        };
        let now = self.clock.now();
        let account = self.users.find_by_email(&email).await?;
        let user = account
            .map(|account| account.user)
            .filter(|user| user.status == UserStatus::Active);
        let occasion = user.as_ref().map_or(Occasion::Nothing, |_| Occasion::Mail(purpose));
        let sends = self.allowance.take(occasion, &email, context, now).await?;
        let subject = match &user {
            Some(user) if sends => ChallengeSubject::PasswordReset { user: user.id },
            _ => ChallengeSubject::Nobody,
        };
        let issued = self.challenges.issue(purpose, subject, &email, now);
        let started = FlowStarted {
            flow: issued.challenge.id,
            expires_in: self.challenges.expires_in(purpose),
        };
        let audit = AuditWriter::new(&*self.mails.secrets, context, now);
        let event = audit.about_user(
            AuditEventType::PasswordResetRequested,
            user.as_ref().map(|user| user.id),
        );
        let mail = user
            .filter(|_| sends)
            .map(|user| self.mail(&user, &issued, context, now))
            .transpose()?;
        let changes = [
            Change::Challenge(ChallengeChange::Insert(issued.challenge)),
            Change::Audit(event),
        ];
        self.changes.apply(changes.into_iter().chain(mail).collect()).await?;
        Ok(started)
    }

    fn mail(
        &self,
        user: &User,
        issued: &IssuedChallenge,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<Change, PortError> {
        let policy = &self.challenges.policy;
        let draft = match self.challenges.reset_method {
            PasswordResetMethod::Link => MailDraft::new(MailTemplate::PasswordResetLink, &user.email)
                .with(
                    "link",
                    self.mails.link(LinkPage::ResetPassword, Some(&issued.link_token)),
                )
                .with("link_minutes", minutes(policy.reset_link_ttl))
                .until(issued.challenge.link_expires_at),
            PasswordResetMethod::Code => MailDraft::new(MailTemplate::PasswordResetCode, &user.email)
                .with("code", issued.code.expose_secret())
                .with("code_minutes", minutes(policy.code_ttl))
                .until(issued.challenge.code_expires_at),
        };
        self.mails.enqueue(draft.caused_by(context, now), now)
    }
}
