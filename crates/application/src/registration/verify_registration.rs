//! Use case: prove the address of a registration.

use crate::audit::{AuditEventType, AuditWriter};
use crate::challenge::redeem::{ChallengeRedeemer, MetChallenge, Proof, ProofFault};
use crate::ports::change::{Change, Changes, RegistrationChange, SessionChange, UserChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::ports::registrations::Registrations;
use crate::request::RequestContext;
use crate::session::open_session::{SessionOpener, TokenGrant};
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{ChallengePurpose, ChallengeSubject};
use gatewright_domain::account::registration::{ProofOrigin, Registration, address_alone, is_trusted};
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

/// A new account.
#[derive(Debug)]
pub struct VerifiedRegistration {
    /// Tokens, where the command asks for them.
    pub grant: Option<TokenGrant>,
    /// Whether the account has the password of the sign-up. Where it has not, several sign-ups waited for the address and
    /// nobody could say whose this was: the owner sets one by a reset.
    pub password_kept: bool,
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
    /// Makes the account, and signs in where the command asks for it.
    ///
    /// # Errors
    /// See [`VerifyRegistrationError`].
    pub async fn execute(
        &self,
        command: VerifyRegistrationCommand,
    ) -> Result<VerifiedRegistration, VerifyRegistrationError> {
        let now = self.clock.now();
        let purpose = ChallengePurpose::Registration;
        let met = self.redeemer.redeem(purpose, &command.proof, now).await?;
        let (registration, trusted) = self.find(&met, &command.context, now).await?;
        let email = registration.email.clone();
        let registration = if trusted {
            registration
        } else {
            address_alone(registration)
        };
        let (user, password) = registration.into_user(UserId(self.sessions.secrets.new_id(now)), Some(now), now);
        let user = User {
            last_login_at: command.sign_in.then_some(now),
            ..user
        };
        let audit = AuditWriter::new(&*self.sessions.secrets, &command.context, now);
        let mut changes = met.consume(now);
        changes.extend([
            Change::Registration(RegistrationChange::DropAllFor(email)),
            Change::User(UserChange::Insert {
                user: user.clone(),
                password: trusted.then_some(password),
            }),
            Change::Audit(audit.by_user(AuditEventType::UserCreated, user.id)),
        ]);
        let mut grant = None;
        if command.sign_in {
            let methods = [AuthenticationMethod::OneTimeCode].into();
            let (session, refresh_token) = self.sessions.open(&user, methods, &command.context.client, now);
            changes.push(Change::Session(SessionChange::Insert(session.clone())));
            grant = Some(self.sessions.grant(session, user, refresh_token, now)?);
        }
        match self.changes.apply(changes).await {
            Ok(()) => Ok(VerifiedRegistration {
                grant,
                password_kept: trusted,
            }),
            Err(PortError::Conflict(Constraint::UsernameFree)) => Err(VerifyRegistrationError::UsernameTaken),
            // The address was proven through another registration a moment ago.
            Err(PortError::Conflict(Constraint::EmailFree)) => Err(met.invalid().into()),
            Err(error) => Err(met.fault_of(error).into()),
        }
    }

    /// The registration that the challenge is about, and whether what was entered in it can be trusted.
    async fn find(
        &self,
        met: &MetChallenge,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<(Registration, bool), VerifyRegistrationError> {
        let ChallengeSubject::Registration { id, resent } = met.challenge.subject else {
            return Err(met.invalid().into());
        };
        let registration = self.registrations.find(id).await?.ok_or_else(|| met.invalid())?;
        if now >= registration.expires_at {
            return Err(ProofFault::Expired.into());
        }
        let waiting = self.registrations.waiting_for(&registration.email, now).await?.len();
        let origin = match (resent, met.by_code) {
            (true, _) => ProofOrigin::ResentFlow,
            (false, true) => ProofOrigin::OwnFlow,
            (false, false) => ProofOrigin::Link {
                network: context.network(),
            },
        };
        let trusted = is_trusted(&registration, origin, waiting);
        Ok((registration, trusted))
    }
}
