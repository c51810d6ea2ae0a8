//! Redeeming a proof: the code of a flow, or the token of a link.

use crate::ports::challenges::{Challenges, CodeAttempt};
use crate::ports::change::{ChallengeChange, Change};
use crate::ports::digests::Digests;
use crate::ports::error::{Constraint, PortError};
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{
    Challenge, ChallengePolicy, ChallengePurpose, ChallengeSubject, FlowId, LinkFault,
};
use gatewright_domain::account::email::EmailAddress;
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// What a caller presents.
#[derive(Debug, Clone)]
pub enum Proof {
    /// The code, and the flow it was sent for.
    Code {
        /// The flow.
        flow: FlowId,
        /// The code.
        code: SecretString,
    },
    /// The token of the link.
    Link {
        /// The token.
        token: SecretString,
    },
}

/// Why a proof is not accepted. Wrong, unknown, used and voided are one answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProofFault {
    /// The code is wrong, used, or out of tries.
    #[error("the code is not valid")]
    InvalidCode,
    /// The link is unknown or used.
    #[error("the link is not valid")]
    InvalidLink,
    /// The code or link is too old.
    #[error("the code or link has expired")]
    Expired,
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

/// Checks proofs.
#[derive(Clone)]
pub struct ChallengeRedeemer {
    /// Where challenges are.
    pub challenges: Arc<dyn Challenges>,
    /// Makes digests of what is presented.
    pub digests: Arc<dyn Digests>,
    /// How often a code may be tried.
    pub policy: ChallengePolicy,
}

/// A challenge that was met, and how to use it up.
#[derive(Debug)]
pub struct MetChallenge {
    /// The challenge.
    pub challenge: Challenge,
    /// Whether the code met it, and not the link.
    pub by_code: bool,
}

impl ChallengeRedeemer {
    /// Checks `proof` for `purpose` at `now`; a code costs one try, whatever comes of it. Nothing is used up
    /// until [`MetChallenge::consume`] is applied.
    ///
    /// # Errors
    /// See [`ProofFault`].
    pub async fn redeem(
        &self,
        purpose: ChallengePurpose,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<MetChallenge, ProofFault> {
        match proof {
            Proof::Code { flow, code } => self.redeem_code(purpose, *flow, code, now).await,
            Proof::Link { token } => self.find_link(purpose, token, now).await,
        }
    }

    async fn redeem_code(
        &self,
        purpose: ChallengePurpose,
        flow: FlowId,
        code: &SecretString,
        now: Timestamp,
    ) -> Result<MetChallenge, ProofFault> {
        let challenge = match self
            .challenges
            .claim_code_attempt(flow, purpose, &self.policy, now)
            .await?
        {
            CodeAttempt::Granted(challenge) => challenge,
            CodeAttempt::Expired => return Err(ProofFault::Expired),
            CodeAttempt::Refused => return Err(ProofFault::InvalidCode),
        };
        let right = challenge.code == Some(self.digests.code(flow, purpose, code));
        if !right || challenge.subject == ChallengeSubject::Nobody {
            return Err(ProofFault::InvalidCode);
        }
        Ok(MetChallenge {
            challenge,
            by_code: true,
        })
    }

    /// Whether the challenge was made for this address, and so mailed there.
    #[must_use]
    pub fn was_issued_for(&self, met: &MetChallenge, email: &EmailAddress) -> bool {
        let challenge = &met.challenge;
        challenge.failure_counter == self.digests.counter(challenge.purpose.as_str(), email.canonical())
    }

    /// Finds the challenge of a link that can be followed, without using it.
    ///
    /// # Errors
    /// See [`ProofFault`].
    pub async fn find_link(
        &self,
        purpose: ChallengePurpose,
        token: &SecretString,
        now: Timestamp,
    ) -> Result<MetChallenge, ProofFault> {
        let link = self.digests.link(purpose, token);
        let challenge = self
            .challenges
            .find_by_link(purpose, &link)
            .await?
            .ok_or(ProofFault::InvalidLink)?;
        challenge.link_usable(now).map_err(|fault| match fault {
            LinkFault::Spent => ProofFault::InvalidLink,
            LinkFault::Expired => ProofFault::Expired,
        })?;
        if challenge.subject == ChallengeSubject::Nobody {
            return Err(ProofFault::InvalidLink);
        }
        Ok(MetChallenge {
            challenge,
            by_code: false,
        })
    }
}

impl MetChallenge {
    /// The changes that use the challenge up. A right code also clears the failures counted against its
    /// address; a link does not, it is another means (NIST SP 800-63B-4 §3.2.2).
    #[must_use]
    pub fn consume(&self, now: Timestamp) -> Vec<Change> {
        let consume = Change::Challenge(ChallengeChange::Consume {
            flow: self.challenge.id,
            at: now,
        });
        let reset = self
            .by_code
            .then_some(Change::ResetCounter(self.challenge.failure_counter));
        [consume].into_iter().chain(reset).collect()
    }

    /// The fault to answer with where the challenge turns out to be of no use after all.
    #[must_use]
    pub fn invalid(&self) -> ProofFault {
        if self.by_code {
            ProofFault::InvalidCode
        } else {
            ProofFault::InvalidLink
        }
    }

    /// What a failed [`consume`](Self::consume) means: somebody else was faster.
    #[must_use]
    pub fn fault_of(&self, error: PortError) -> ProofFault {
        match error {
            PortError::Conflict(Constraint::ChallengeUnused) => self.invalid(),
            other => ProofFault::Unexpected(other),
        }
    }
}
