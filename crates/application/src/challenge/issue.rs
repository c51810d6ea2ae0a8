//! Making a challenge: a flow, a code, a link.

use crate::ports::digests::Digests;
use crate::ports::secrets::Secrets;
use gatewright_domain::account::challenge::{
    Challenge, ChallengePolicy, ChallengePurpose, ChallengeSubject, FlowId, PasswordResetMethod,
};
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::{Duration, Timestamp};
use secrecy::SecretString;
use std::sync::Arc;

/// Makes challenges.
#[derive(Clone)]
pub struct ChallengeIssuer {
    /// Draws codes and link tokens.
    pub secrets: Arc<dyn Secrets>,
    /// Makes what is stored of them.
    pub digests: Arc<dyn Digests>,
    /// How long they live.
    pub policy: ChallengePolicy,
    /// Whether a lost password is recovered by link or by code.
    pub reset_method: PasswordResetMethod,
}

/// A challenge to store, and the secrets to mail.
pub struct IssuedChallenge {
    /// What is stored.
    pub challenge: Challenge,
    /// The code, where the purpose has one.
    pub code: SecretString,
    /// The token of the link.
    pub link_token: SecretString,
}

impl ChallengeIssuer {
    /// A challenge for `email`, the address to prove.
    #[must_use]
    pub fn issue(
        &self,
        purpose: ChallengePurpose,
        subject: ChallengeSubject,
        email: &EmailAddress,
        now: Timestamp,
    ) -> IssuedChallenge {
        let id = FlowId(self.secrets.new_id(now));
        let (code, link_token) = (self.secrets.six_digit_code(), self.secrets.link_token());
        let by_link_only = purpose == ChallengePurpose::PasswordReset && self.reset_method == PasswordResetMethod::Link;
        let challenge = Challenge {
            id,
            purpose,
            subject,
            failure_counter: self.digests.counter(purpose.as_str(), email.canonical()),
            code: (!by_link_only).then(|| self.digests.code(id, purpose, &code)),
            link: self.digests.link(purpose, &link_token),
            created_at: now,
            code_expires_at: now + self.policy.code_ttl,
            link_expires_at: now + self.link_ttl(purpose),
            consumed_at: None,
        };
        IssuedChallenge {
            challenge,
            code,
            link_token,
        }
    }

    /// How long a flow of this purpose can be completed by what its caller waits for.
    #[must_use]
    pub fn expires_in(&self, purpose: ChallengePurpose) -> Duration {
        match (purpose, self.reset_method) {
            (ChallengePurpose::PasswordReset, PasswordResetMethod::Link) => self.policy.reset_link_ttl,
            _ => self.policy.code_ttl,
        }
    }

    fn link_ttl(&self, purpose: ChallengePurpose) -> Duration {
        match (purpose, self.reset_method) {
            // The mail carries no link then, so none must work.
            (ChallengePurpose::PasswordReset, PasswordResetMethod::Code) => Duration::ZERO,
            (ChallengePurpose::PasswordReset, PasswordResetMethod::Link) => self.policy.reset_link_ttl,
            (ChallengePurpose::Registration | ChallengePurpose::EmailChange, _) => self.policy.verification_link_ttl,
        }
    }
}
