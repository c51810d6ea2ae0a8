//! Use case: say what following a mailed link would do, without doing it.

use crate::challenge::redeem::{ChallengeRedeemer, ProofFault};
use crate::ports::clock::Clock;
use crate::ports::registrations::Registrations;
use crate::ports::users::Users;
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{ChallengePurpose, ChallengeSubject};
use gatewright_domain::account::email::EmailAddress;
use secrecy::SecretString;
use std::sync::Arc;

/// Looks at links. Mail scanners follow links too, so looking must change nothing.
#[derive(Clone)]
pub struct InspectLink {
    /// Checks the link.
    pub redeemer: ChallengeRedeemer,
    /// Finds pending registrations.
    pub registrations: Arc<dyn Registrations>,
    /// Finds users.
    pub users: Arc<dyn Users>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What a link is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkDescription {
    /// The address it proves, or whose account it recovers.
    pub email: EmailAddress,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// First moment at which it no longer works.
    pub expires_at: Timestamp,
}

impl InspectLink {
    /// Describes the link of that purpose and token.
    ///
    /// # Errors
    /// [`ProofFault`] where it cannot be followed.
    pub async fn execute(
        &self,
        purpose: ChallengePurpose,
        token: &SecretString,
    ) -> Result<LinkDescription, ProofFault> {
        let met = self.redeemer.find_link(purpose, token, self.clock.now()).await?;
        let challenge = met.challenge;
        let email = match challenge.subject {
            ChallengeSubject::Nobody => None,
            ChallengeSubject::EmailChange { new_email, .. } => Some(new_email),
            ChallengeSubject::Registration { id, .. } => self.registrations.find(id).await?.map(|found| found.email),
            ChallengeSubject::PasswordReset { user } => self.users.find(user).await?.map(|found| found.user.email),
        };
        Ok(LinkDescription {
            email: email.ok_or(ProofFault::InvalidLink)?,
            requested_at: challenge.created_at,
            expires_at: challenge.link_expires_at,
        })
    }
}
