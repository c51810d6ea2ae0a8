//! Use case: send the proof of a registration once more.

use crate::challenge::issue::ChallengeIssuer;
use crate::input::{InputReader, InvalidInput};
use crate::mail::compose::MailComposer;
use crate::mail::mail_allowance::{MailAllowance, Occasion};
use crate::ports::change::{ChallengeChange, Change, Changes};
use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::registrations::Registrations;
use crate::registration::flow_started::FlowStarted;
use crate::registration::verification_mail::verification_mail;
use crate::request::RequestContext;
use gatewright_domain::account::challenge::{ChallengePurpose, ChallengeSubject};
use std::sync::Arc;
use thiserror::Error;

/// Starts another flow for what waits for an address, with a new code and link. Wrong codes counted against the
/// address stay counted; an address for which nothing waits is answered alike.
#[derive(Clone)]
pub struct ResendRegistration {
    /// Finds what waits.
    pub registrations: Arc<dyn Registrations>,
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
pub enum ResendRegistrationError {
    /// Not an e-mail address.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl ResendRegistration {
    /// Starts another flow for `email`.
    ///
    /// # Errors
    /// See [`ResendRegistrationError`].
    pub async fn execute(&self, email: &str, context: &RequestContext) -> Result<FlowStarted, ResendRegistrationError> {
        let purpose = ChallengePurpose::Registration;
        let mut input = InputReader::default();
        let Some(email) = input.email("email", email) else {
            return Err(input.into_error().into());
        };
        let now = self.clock.now();
        let waiting = self.registrations.waiting_for(&email, now).await?.into_iter().next();
        let occasion = waiting.as_ref().map_or(Occasion::Nothing, |_| Occasion::Mail(purpose));
        let sends = self.allowance.take(occasion, &email, context, now).await?;
        let target = waiting.filter(|_| sends);
        let subject = target.as_ref().map_or(ChallengeSubject::Nobody, |registration| {
            ChallengeSubject::Registration {
                id: registration.id,
                resent: true,
            }
        });
        let issued = self.challenges.issue(purpose, subject, &email, now);
        let started = FlowStarted {
            flow: issued.challenge.id,
            expires_in: self.challenges.expires_in(purpose),
        };
        let policy = &self.challenges.policy;
        let mail = target
            .map(|registration| verification_mail(&self.mails, policy, &registration.email, &issued, context, now))
            .transpose()?;
        let insert = Change::Challenge(ChallengeChange::Insert(issued.challenge));
        self.changes.apply([insert].into_iter().chain(mail).collect()).await?;
        Ok(started)
    }
}
