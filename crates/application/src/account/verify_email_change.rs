//! Use case: prove a new e-mail address.

use crate::audit::{AuditEventType, AuditWriter};
use crate::challenge::redeem::{ChallengeRedeemer, MetChallenge, Proof, ProofFault};
use crate::mail::compose::{MailComposer, MailDraft, readable_time};
use crate::mail::content::MailTemplate;
use crate::ports::change::{ChallengeChange, Change, Changes, RegistrationChange, SessionChange, UserChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::ports::users::Users;
use crate::request::RequestContext;
use crate::session::identity::Identity;
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{ChallengePurpose, ChallengeSubject};
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::user::User;
use gatewright_domain::session::session::{SessionEnd, SessionId};
use std::sync::Arc;
use thiserror::Error;

/// Makes a proven address the account's. Every session but the one that asked ends, reset links mailed to the
/// old address are void, and the old address is told.
#[derive(Clone)]
pub struct VerifyEmailChange {
    /// Checks the proof.
    pub redeemer: ChallengeRedeemer,
    /// Finds the account.
    pub users: Arc<dyn Users>,
    /// Tells the old address.
    pub mails: MailComposer,
    /// Stores it all.
    pub changes: Arc<dyn Changes>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A proof.
#[derive(Debug)]
pub struct VerifyEmailChangeCommand {
    /// What was mailed.
    pub proof: Proof,
    /// Who presents it; a code counts in its owner's hands only, a link by itself.
    pub identity: Option<Arc<Identity>>,
    /// Where from.
    pub context: RequestContext,
}

/// Why the address stays.
#[derive(Debug, Error)]
pub enum VerifyEmailChangeError {
    /// The proof is not accepted.
    #[error(transparent)]
    Proof(#[from] ProofFault),
    /// Somebody else proved the address first.
    #[error("the address belongs to another account by now")]
    EmailTaken,
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl VerifyEmailChange {
    /// Changes the address and answers the user as it is then.
    ///
    /// # Errors
    /// See [`VerifyEmailChangeError`].
    pub async fn execute(&self, command: VerifyEmailChangeCommand) -> Result<User, VerifyEmailChangeError> {
        let now = self.clock.now();
        let bearer = command.identity.as_ref().map(|identity| identity.user.id);
        if bearer.is_none() && matches!(command.proof, Proof::Code { .. }) {
            return Err(ProofFault::InvalidCode.into());
        }
        let met = self
            .redeemer
            .redeem(ChallengePurpose::EmailChange, &command.proof, now)
            .await?;
        let ChallengeSubject::EmailChange {
            user,
            new_email,
            session,
        } = met.challenge.subject.clone()
        else {
            return Err(met.invalid().into());
        };
        if bearer.is_some_and(|bearer| bearer != user) {
            return Err(met.invalid().into());
        }
        let account = self.users.find(user).await?;
        let user = account.ok_or_else(|| met.invalid())?.user;
        let changes = self.decide(&met, &user, &new_email, session, &command.context, now)?;
        match self.changes.apply(changes).await {
            Ok(()) => {}
            Err(PortError::Conflict(Constraint::EmailFree)) => return Err(VerifyEmailChangeError::EmailTaken),
            Err(error) => return Err(met.fault_of(error).into()),
        }
        Ok(User {
            email: new_email,
            email_verified_at: Some(now),
            updated_at: now,
            ..user
        })
    }

    fn decide(
        &self,
        met: &MetChallenge,
        user: &User,
        new_email: &EmailAddress,
        session: SessionId,
        context: &RequestContext,
        at: Timestamp,
    ) -> Result<Vec<Change>, PortError> {
        let id = user.id;
        let (email, reason) = (new_email.clone(), SessionEnd::EmailChanged);
        let draft = MailDraft::new(MailTemplate::EmailChanged, &user.email)
            .with("new_email", new_email.as_str())
            .with("requested_at", readable_time(at));
        let audit = AuditWriter::new(&*self.mails.secrets, context, at);
        let mut changes = met.consume(at);
        changes.extend([
            Change::User(UserChange::SetVerifiedEmail {
                id,
                email: email.clone(),
                at,
            }),
            Change::Registration(RegistrationChange::DropAllFor(email)),
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
            Change::Audit(audit.by_user(AuditEventType::EmailChanged, id).in_session(session)),
            self.mails.enqueue(draft, at)?,
        ]);
        Ok(changes)
    }
}
