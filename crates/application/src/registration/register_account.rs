//! Use case: sign up.

use crate::audit::{AuditEventType, AuditWriter};
use crate::challenge::issue::ChallengeIssuer;
use crate::input::{InputReader, InvalidInput};
use crate::mail::compose::{LinkPage, MailComposer, MailDraft};
use crate::mail::content::MailTemplate;
use crate::mail::mail_allowance::{MailAllowance, Occasion};
use crate::password::new_password::{NewPasswords, PasswordRejection};
use crate::ports::change::{ChallengeChange, Change, Changes, RegistrationChange, SessionChange, UserChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::ports::users::{Account, Users};
use crate::registration::flow_started::FlowStarted;
use crate::registration::verification_mail::verification_mail;
use crate::request::RequestContext;
use crate::session::open_session::{SessionOpener, TokenGrant};
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{ChallengePurpose, ChallengeSubject};
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::{EmailVerification, Registration, RegistrationId};
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::password::policy::PasswordOwner;
use gatewright_domain::session::session::AuthenticationMethod;
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// Signs somebody up. With verification, what they entered waits apart until the address is proven, and an address
/// that has an account is answered like one that has none: same answer, same work, a mail to its owner instead.
#[derive(Clone)]
pub struct RegisterAccount {
    /// Finds out what is taken.
    pub users: Arc<dyn Users>,
    /// Judges and hashes the password.
    pub passwords: NewPasswords,
    /// Makes the challenge.
    pub challenges: ChallengeIssuer,
    /// Guards the mailbox.
    pub allowance: MailAllowance,
    /// Writes the mail.
    pub mails: MailComposer,
    /// Opens a session where no verification is asked for.
    pub sessions: SessionOpener,
    /// Stores it all.
    pub changes: Arc<dyn Changes>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Whether the address has to be proven.
    pub verification: EmailVerification,
}

/// Who signs up.
#[derive(Debug)]
pub struct RegisterAccountCommand {
    /// The address.
    pub email: String,
    /// The password.
    pub password: SecretString,
    /// A handle.
    pub username: Option<String>,
    /// A name to show.
    pub display_name: Option<String>,
    /// Where from.
    pub context: RequestContext,
}

/// What comes next.
#[derive(Debug)]
pub enum RegisterAccountOutcome {
    /// The address has to be proven.
    VerificationRequired(FlowStarted),
    /// The account exists and its owner is signed in.
    SignedIn(Box<TokenGrant>),
}

/// Why not.
#[derive(Debug, Error)]
pub enum RegisterAccountError {
    /// A field is not acceptable.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// The password is not accepted.
    #[error(transparent)]
    Password(#[from] PasswordRejection),
    /// Without verification: the address has an account.
    #[error("the address has an account")]
    EmailTaken,
    /// The username is a public handle, and somebody has it.
    #[error("the username is taken")]
    UsernameTaken,
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl RegisterAccount {
    /// Signs up.
    ///
    /// # Errors
    /// See [`RegisterAccountError`].
    pub async fn execute(
        &self,
        command: RegisterAccountCommand,
    ) -> Result<RegisterAccountOutcome, RegisterAccountError> {
        let mut input = InputReader::default();
        let email = input.email("email", &command.email);
        let username = command.username.and_then(|text| input.username("username", &text));
        let display_name = command
            .display_name
            .and_then(|text| input.display_name("display_name", &text));
        let Some(email) = email.filter(|_| input.is_clean()) else {
            return Err(input.into_error().into());
        };

        let owner = PasswordOwner {
            email: &email,
            username: username.as_ref(),
        };
        let password = self.passwords.judge(&command.password, Some(owner))?;
        if let Some(username) = &username
            && self.users.find_by_username(username).await?.is_some()
        {
            return Err(RegisterAccountError::UsernameTaken);
        }
        let existing = self.users.find_by_email(&email).await?;
        let password = self.passwords.hash(password).await?;
        let now = self.clock.now();
        let registration = Registration {
            id: RegistrationId(self.mails.secrets.new_id(now)),
            email,
            username,
            display_name,
            password,
            network: command.context.network(),
            created_at: now,
            // Outlives its first link, so that another one can be asked for.
            expires_at: now + self.challenges.policy.verification_link_ttl * 2,
        };
        match self.verification {
            EmailVerification::Required => self.start_flow(registration, existing, &command.context, now).await,
            EmailVerification::Off => self.create_at_once(registration, existing, &command.context, now).await,
        }
    }

    async fn start_flow(
        &self,
        registration: Registration,
        existing: Option<Account>,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<RegisterAccountOutcome, RegisterAccountError> {
        let purpose = ChallengePurpose::Registration;
        let allowed = self
            .allowance
            .take(Occasion::Mail(purpose), &registration.email, context, now)
            .await?;
        let subject = match &existing {
            None => ChallengeSubject::Registration {
                id: registration.id,
                resent: false,
            },
            Some(_) => ChallengeSubject::Nobody,
        };
        let issued = self.challenges.issue(purpose, subject, &registration.email, now);
        let started = FlowStarted {
            flow: issued.challenge.id,
            expires_in: self.challenges.expires_in(purpose),
        };
        let mail = if let Some(account) = &existing {
            self.mail_to_owner(&account.user.email, context, now)?
        } else {
            let policy = &self.challenges.policy;
            verification_mail(&self.mails, policy, &registration.email, &issued, context, now)?
        };
        let mut changes = Vec::from_iter(allowed.then_some(mail));
        if existing.is_none() {
            // Kept also where no mail may go out: it tells that the address is contested.
            changes.push(Change::Registration(RegistrationChange::Insert(registration)));
        }
        changes.push(Change::Challenge(ChallengeChange::Insert(issued.challenge)));
        self.changes.apply(changes).await?;
        Ok(RegisterAccountOutcome::VerificationRequired(started))
    }

    fn mail_to_owner(
        &self,
        owner: &EmailAddress,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<Change, PortError> {
        let draft = MailDraft::new(MailTemplate::AlreadyRegistered, owner)
            .with("link", self.mails.link(LinkPage::ForgotPassword, None))
            .caused_by(context, now);
        self.mails.enqueue(draft, now)
    }

    async fn create_at_once(
        &self,
        registration: Registration,
        existing: Option<Account>,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<RegisterAccountOutcome, RegisterAccountError> {
        if existing.is_some() {
            return Err(RegisterAccountError::EmailTaken);
        }
        let (user, password) = registration.into_user(UserId(self.mails.secrets.new_id(now)), None, now);
        let user = User {
            last_login_at: Some(now),
            ..user
        };
        let methods = [AuthenticationMethod::Password].into();
        let (session, refresh_token) = self.sessions.open(&user, methods, &context.client, now);
        let audit = AuditWriter::new(&*self.mails.secrets, context, now);
        let event = audit
            .by_user(AuditEventType::UserCreated, user.id)
            .in_session(session.id);
        let changes = vec![
            Change::User(UserChange::Insert {
                user: user.clone(),
                password: Some(password),
            }),
            Change::Session(SessionChange::Insert(session.clone())),
            Change::Audit(event),
        ];
        let grant = self.sessions.grant(session, user, refresh_token, now)?;
        match self.changes.apply(changes).await {
            Ok(()) => Ok(RegisterAccountOutcome::SignedIn(Box::new(grant))),
            Err(PortError::Conflict(Constraint::EmailFree)) => Err(RegisterAccountError::EmailTaken),
            Err(PortError::Conflict(Constraint::UsernameFree)) => Err(RegisterAccountError::UsernameTaken),
            Err(error) => Err(error.into()),
        }
    }
}
