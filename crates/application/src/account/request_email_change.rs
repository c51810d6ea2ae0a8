//! Use case: ask for another e-mail address.

use crate::account::confirm_password::{ConfirmPassword, ConfirmPasswordError, Confirmed};
use crate::audit::{AuditEventType, AuditWriter};
use crate::challenge::issue::{ChallengeIssuer, IssuedChallenge};
use crate::input::{FieldFault, InputReader, InvalidInput};
use crate::mail::compose::{LinkPage, MailComposer, MailDraft, hours, minutes};
use crate::mail::content::MailTemplate;
use crate::mail::mail_allowance::{MailAllowance, Occasion};
use crate::ports::change::{ChallengeChange, Change, Changes, UserChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::ports::users::{Account, Users};
use crate::registration::flow_started::FlowStarted;
use crate::request::RequestContext;
use crate::session::identity::Identity;
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{ChallengePurpose, ChallengeSubject, FlowId};
use gatewright_domain::account::email::EmailAddress;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use thiserror::Error;

/// Starts a change of address. The old address stays until the new one is proven, and is told; whether the
/// new one belongs to somebody else is not.
#[derive(Clone)]
pub struct RequestEmailChange {
    /// Asks for the password.
    pub confirm: ConfirmPassword,
    /// Finds out whether the address is free.
    pub users: Arc<dyn Users>,
    /// Makes the challenge.
    pub challenges: ChallengeIssuer,
    /// Guards the new mailbox.
    pub allowance: MailAllowance,
    /// Writes the mails.
    pub mails: MailComposer,
    /// Stores it all.
    pub changes: Arc<dyn Changes>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A wish for another address.
#[derive(Debug)]
pub struct RequestEmailChangeCommand {
    /// Whose.
    pub identity: Arc<Identity>,
    /// The address to be.
    pub new_email: String,
    /// The password.
    pub password: SecretString,
    /// Where from.
    pub context: RequestContext,
}

/// Why nothing was started.
#[derive(Debug, Error)]
pub enum RequestEmailChangeError {
    /// Not an e-mail address, or the present one.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// The password was not confirmed.
    #[error(transparent)]
    Password(#[from] ConfirmPasswordError),
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl RequestEmailChange {
    /// Starts the change.
    ///
    /// # Errors
    /// See [`RequestEmailChangeError`].
    pub async fn execute(&self, command: RequestEmailChangeCommand) -> Result<FlowStarted, RequestEmailChangeError> {
        let (user, context) = (command.identity.user.id, &command.context);
        let mut input = InputReader::default();
        let Some(new_email) = input.email("new_email", &command.new_email) else {
            return Err(input.into_error().into());
        };
        let confirmed = self
            .confirm
            .execute("password", user, &command.password, context)
            .await?;
        if new_email == confirmed.user.email {
            return Err(InvalidInput(vec![same_address()]).into());
        }
        let now = self.clock.now();
        let owner = self.users.find_by_email(&new_email).await?;
        let occasion = Occasion::Mail(ChallengePurpose::EmailChange);
        let allowed = self.allowance.take(occasion, &new_email, context, now).await?;
        let (flow, changes) = self.decide(&command, confirmed, &new_email, owner, allowed, now)?;
        let expires_in = self.challenges.expires_in(ChallengePurpose::EmailChange);
        match self.changes.apply(changes).await {
            Ok(()) => Ok(FlowStarted { flow, expires_in }),
            // Reset or changed meanwhile: the password given is no longer the account's.
            Err(PortError::Conflict(Constraint::PasswordUnchanged | Constraint::UserExists)) => {
                Err(ConfirmPasswordError::Wrong.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn decide(
        &self,
        command: &RequestEmailChangeCommand,
        confirmed: Confirmed,
        new_email: &EmailAddress,
        owner: Option<Account>,
        allowed: bool,
        now: Timestamp,
    ) -> Result<(FlowId, Vec<Change>), PortError> {
        let (user, context, purpose) = (confirmed.user, &command.context, ChallengePurpose::EmailChange);
        let session = command.identity.claims.session_id;
        // Of an address that is taken too, where nothing is mailed that could meet it: whoever asks must not be able
        // to tell by what becomes of the flow.
        let subject = ChallengeSubject::EmailChange {
            user: user.id,
            new_email: new_email.clone(),
            session,
        };
        let issued = self.challenges.issue(purpose, subject, new_email, now);
        let audit = AuditWriter::new(&*self.mails.secrets, context, now);
        let event = audit
            .by_user(AuditEventType::EmailChangeRequested, user.id)
            .in_session(session);
        let notice = MailDraft::new(MailTemplate::EmailChangeRequested, &user.email)
            .with("new_email", new_email.as_str())
            .caused_by(context, now);
        let mut changes = vec![
            Change::User(UserChange::ExpectPassword {
                id: user.id,
                verified: confirmed.hash,
            }),
            Change::Challenge(ChallengeChange::VoidAllOf {
                user: user.id,
                purpose,
                at: now,
            }),
            Change::Audit(event),
            self.mails.enqueue(notice, now)?,
        ];
        if allowed {
            changes.push(self.mail_to_new_address(new_email, owner, &issued, context, now)?);
        }
        let flow = issued.challenge.id;
        changes.push(Change::Challenge(ChallengeChange::Insert(issued.challenge)));
        Ok((flow, changes))
    }

    fn mail_to_new_address(
        &self,
        new_email: &EmailAddress,
        owner: Option<Account>,
        issued: &IssuedChallenge,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<Change, PortError> {
        if let Some(owner) = owner {
            let draft = MailDraft::new(MailTemplate::AlreadyRegistered, &owner.user.email)
                .with("link", self.mails.link(LinkPage::ForgotPassword, None))
                .caused_by(context, now);
            return self.mails.enqueue(draft, now);
        }
        let policy = &self.challenges.policy;
        let draft = MailDraft::new(MailTemplate::VerifyEmailChange, new_email)
            .with("code", issued.code.expose_secret())
            .with("code_minutes", minutes(policy.code_ttl))
            .with("link", self.mails.link(LinkPage::VerifyEmail, Some(&issued.link_token)))
            .with("link_hours", hours(policy.verification_link_ttl))
            .caused_by(context, now)
            .until(issued.challenge.link_expires_at);
        self.mails.enqueue(draft, now)
    }
}

fn same_address() -> FieldFault {
    let detail = "this is the account's address already".to_owned();
    FieldFault {
        field: "new_email",
        code: "unchanged",
        detail,
    }
}
