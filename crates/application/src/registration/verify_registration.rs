//! Use case: prove the address of a registration.

use crate::audit::{AuditEventType, AuditWriter};
use crate::challenge::redeem::{ChallengeRedeemer, Proof, ProofFault};
use crate::ports::change::{Change, Changes, RegistrationChange, SessionChange, UserChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::ports::registrations::Registrations;
use crate::request::RequestContext;
use crate::session::open_session::{SessionOpener, TokenGrant};
use gatewright_domain::account::challenge::{ChallengePurpose, ChallengeSubject};
use gatewright_domain::account::registration::password_is_trusted;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::session::session::AuthenticationMethod;
use std::sync::Arc;
use thiserror::Error;

/// Turns the proven registration into the account and every other registration for its address into nothing.
#[derive(Clone)]
pub struct VerifyRegistration {
    /// Checks the proof.
    pub redeemer: ChallengeRedeemer,
    /// Finds the registration.
    pub registrations: Arc<dyn Registrations>,
    /// Opens the first session.
    pub sessions: SessionOpener,
    /// Stores it all.
    pub changes: Arc<dyn Changes>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A proof.
#[derive(Debug)]
pub struct VerifyRegistrationCommand {
    /// What was mailed.
    pub proof: Proof,
    /// Whether whoever proves it is signed in at once; a page that a link opens has no place for tokens.
    pub sign_in: bool,
    /// Where from.
    pub context: RequestContext,
}

/// Why there is no account.
#[derive(Debug, Error)]
pub enum VerifyRegistrationError {
    /// The proof is not accepted.
    #[error(transparent)]
    Proof(#[from] ProofFault),
    /// Somebody took the username in the meantime; the proof is not used up.
    #[error("the username is taken")]
    UsernameTaken,
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl VerifyRegistration {
    /// Makes the account; answers tokens where the command asks for them.
    ///
    /// # Errors
    /// See [`VerifyRegistrationError`].
    pub async fn execute(
        &self,
        command: VerifyRegistrationCommand,
    ) -> Result<Option<TokenGrant>, VerifyRegistrationError> {
        let now = self.clock.now();
        let met = self
            .redeemer
            .redeem(ChallengePurpose::Registration, &command.proof, now)
            .await?;
        let ChallengeSubject::Registration { id, resent } = met.challenge.subject else {
            return Err(met.invalid().into());
        };
        let registration = self.registrations.find(id).await?.ok_or_else(|| met.invalid())?;
        if now >= registration.expires_at {
            return Err(ProofFault::Expired.into());
        }
        let email = registration.email.clone();
        let waiting = self.registrations.waiting_for(&email, now).await?.len();
        let (user, password) = registration.into_user(UserId(self.sessions.secrets.new_id(now)), Some(now), now);
        let user = User {
            last_login_at: command.sign_in.then_some(now),
            ..user
        };
        let password = password_is_trusted(resent, waiting).then_some(password);
        let audit = AuditWriter::new(&*self.sessions.secrets, &command.context, now);
        let mut changes = met.consume(now);
        changes.extend([
            Change::Registration(RegistrationChange::DropAllFor(email)),
            Change::User(UserChange::Insert {
                user: user.clone(),
                password,
            }),
            Change::Audit(audit.by_user(AuditEventType::UserCreated, user.id)),
        ]);
        let opened = command.sign_in.then(|| {
            let methods = [AuthenticationMethod::OneTimeCode].into();
            self.sessions.open(&user, methods, &command.context.client, now)
        });
        changes.extend(
            opened
                .as_ref()
                .map(|(session, _)| Change::Session(SessionChange::Insert(session.clone()))),
        );
        match self.changes.apply(changes).await {
            Ok(()) => {}
            Err(PortError::Conflict(Constraint::UsernameFree)) => return Err(VerifyRegistrationError::UsernameTaken),
            // The address was proven through another registration a moment ago.
            Err(PortError::Conflict(Constraint::EmailFree)) => return Err(met.invalid().into()),
            Err(error) => return Err(met.fault_of(error).into()),
        }
        let grant = opened.map(|(session, refresh_token)| self.sessions.grant(session, user, refresh_token, now));
        Ok(grant.transpose()?)
    }
}
