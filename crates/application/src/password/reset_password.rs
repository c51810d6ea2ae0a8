//! Use case: set a new password with the proof that was mailed.

use crate::audit::{AuditEventType, AuditWriter};
use crate::challenge::redeem::{ChallengeRedeemer, MetChallenge, Proof, ProofFault};
use crate::mail::compose::{MailComposer, MailDraft, readable_time};
use crate::mail::content::MailTemplate;
use crate::password::new_password::{NewPasswords, PasswordRejection};
use crate::ports::change::{ChallengeChange, Change, Changes, SessionChange, UserChange};
use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::users::Users;
use crate::request::RequestContext;
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{ChallengePurpose, ChallengeSubject};
use gatewright_domain::account::user::User;
use gatewright_domain::password::hash::PasswordHash;
use gatewright_domain::password::policy::PasswordOwner;
use gatewright_domain::session::session::SessionEnd;
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// Recovers an account: the new password, the end of every session, and the end of whatever else was pending.
/// It signs nobody in, so it skips no second factor (ASVS 6.4.3).
#[derive(Clone)]
pub struct ResetPassword {
    /// Checks the proof.
    pub redeemer: ChallengeRedeemer,
    /// Finds the account.
    pub users: Arc<dyn Users>,
    /// Judges and hashes the password.
    pub passwords: NewPasswords,
    /// Tells the owner.
    pub mails: MailComposer,
    /// Stores it all.
    pub changes: Arc<dyn Changes>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A reset.
#[derive(Debug)]
pub struct ResetPasswordCommand {
    /// What was mailed.
    pub proof: Proof,
    /// The password to be.
    pub new_password: SecretString,
    /// Where from.
    pub context: RequestContext,
}

/// Why nothing was reset. A rejected password uses nothing up but, with a code, one try.
#[derive(Debug, Error)]
pub enum ResetPasswordError {
    /// The proof is not accepted.
    #[error(transparent)]
    Proof(#[from] ProofFault),
    /// The password is not accepted.
    #[error(transparent)]
    Password(#[from] PasswordRejection),
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl ResetPassword {
    /// Sets the password.
    ///
    /// # Errors
    /// See [`ResetPasswordError`].
    pub async fn execute(&self, command: ResetPasswordCommand) -> Result<(), ResetPasswordError> {
        // First without knowing whose it is, so that a bad password does not cost a try of the code.
        self.passwords.judge(&command.new_password, None)?;
        let now = self.clock.now();
        let met = self
            .redeemer
            .redeem(ChallengePurpose::PasswordReset, &command.proof, now)
            .await?;
        let ChallengeSubject::PasswordReset { user } = met.challenge.subject else {
            return Err(met.invalid().into());
        };
        let account = self.users.find(user).await?;
        let user = account.ok_or_else(|| met.invalid())?.user;
        if !self.redeemer.was_issued_for(&met, &user.email) {
            // Mailed to an address that the account has left since.
            return Err(met.invalid().into());
        }
        let owner = PasswordOwner {
            email: &user.email,
            username: user.username.as_ref(),
        };
        let password = self.passwords.judge(&command.new_password, Some(owner))?;
        let hash = self.passwords.hash(password).await?;
        let changes = self.decide(&met, &user, hash, &command.context, self.clock.now())?;
        Ok(self.changes.apply(changes).await.map_err(|error| met.fault_of(error))?)
    }

    fn decide(
        &self,
        met: &MetChallenge,
        user: &User,
        new: PasswordHash,
        context: &RequestContext,
        at: Timestamp,
    ) -> Result<Vec<Change>, PortError> {
        let id = user.id;
        let draft = MailDraft::new(MailTemplate::PasswordChanged, &user.email)
            .with("changed_at", readable_time(at))
            .with("requested_from", context.describe_client());
        let audit = AuditWriter::new(&*self.mails.secrets, context, at);
        let event = audit
            .about_user(AuditEventType::PasswordChanged, Some(id))
            .because("password_reset");
        let mut changes = met.consume(at);
        changes.extend([
            Change::User(UserChange::SetPassword {
                id,
                expected: None,
                new,
                at,
            }),
            Change::Session(SessionChange::EndAllOf {
                user: id,
                except: None,
                at,
                reason: SessionEnd::PasswordReset,
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
            Change::Audit(event),
            self.mails.enqueue(draft, at)?,
        ]);
        if !user.email_verified() {
            // Whoever reads the account's mail has now proven the address.
            changes.push(Change::User(UserChange::SetVerifiedEmail {
                id,
                email: user.email.clone(),
                at,
            }));
        }
        Ok(changes)
    }
}
