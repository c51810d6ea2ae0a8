//! Challenges.

use super::{MemoryStore, State, expect};
use async_trait::async_trait;
use gatewright_application::ports::challenges::{Challenges, CodeAttempt};
use gatewright_application::ports::change::ChallengeChange;
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_domain::Timestamp;
use gatewright_domain::abuse::quota::Allowance;
use gatewright_domain::account::challenge::{
    Challenge, ChallengePolicy, ChallengePurpose, ChallengeSubject, FlowId, LinkDigest,
};
use gatewright_domain::account::user::UserId;

/// A challenge and the tries its code has had.
#[derive(Debug, Clone)]
pub(super) struct StoredChallenge {
    pub(super) challenge: Challenge,
    attempts: u32,
}

impl StoredChallenge {
    pub(super) fn is_about(&self, id: UserId) -> bool {
        match self.challenge.subject {
            ChallengeSubject::PasswordReset { user } | ChallengeSubject::EmailChange { user, .. } => user == id,
            ChallengeSubject::Nobody | ChallengeSubject::Registration { .. } => false,
        }
    }
}

#[async_trait]
impl Challenges for MemoryStore {
    async fn claim_code_attempt(
        &self,
        flow: FlowId,
        purpose: ChallengePurpose,
        policy: &ChallengePolicy,
        now: Timestamp,
    ) -> Result<CodeAttempt, PortError> {
        Ok(self.state().claim_code_attempt(flow, purpose, policy, now))
    }

    async fn find_by_link(&self, purpose: ChallengePurpose, link: &LinkDigest) -> Result<Option<Challenge>, PortError> {
        let state = self.state();
        let mut challenges = state.challenges.iter().map(|stored| &stored.challenge);
        Ok(challenges
            .find(|challenge| challenge.purpose == purpose && challenge.link == *link)
            .cloned())
    }
}

impl State {
    fn claim_code_attempt(
        &mut self,
        flow: FlowId,
        purpose: ChallengePurpose,
        policy: &ChallengePolicy,
        now: Timestamp,
    ) -> CodeAttempt {
        let asked_for =
            |challenge: &Challenge| challenge.id == flow && challenge.purpose == purpose && challenge.code.is_some();
        let mut challenges = self.challenges.iter_mut();
        let found = challenges.find(|stored| asked_for(&stored.challenge));
        let Some(stored) = found else {
            return CodeAttempt::Refused;
        };
        if now >= stored.challenge.code_expires_at {
            return CodeAttempt::Expired;
        }
        if stored.challenge.consumed_at.is_some() {
            return CodeAttempt::Refused;
        }
        let failures = Allowance::new(policy.failures_per_address, policy.failure_window);
        let quota = failures.under(stored.challenge.failure_counter);
        if stored.attempts >= policy.attempts_per_code || !self.counters.take(&[quota], now) {
            return CodeAttempt::Refused;
        }
        stored.attempts += 1;
        CodeAttempt::Granted(stored.challenge.clone())
    }

    pub(super) fn apply_to_challenges(&mut self, change: ChallengeChange) -> Result<(), PortError> {
        match change {
            ChallengeChange::Insert(challenge) => {
                self.challenges.push(StoredChallenge { challenge, attempts: 0 });
                Ok(())
            }
            ChallengeChange::Consume { flow, at } => {
                let is_meant = |challenge: &Challenge| challenge.id == flow && challenge.consumed_at.is_none();
                let consumed = self.consume_where(|stored| is_meant(&stored.challenge), at);
                expect(consumed == 1, Constraint::ChallengeUnused)
            }
            ChallengeChange::VoidAllOf { user, purpose, at } => {
                let is_unused = |challenge: &Challenge| challenge.purpose == purpose && challenge.consumed_at.is_none();
                self.consume_where(|stored| stored.is_about(user) && is_unused(&stored.challenge), at);
                Ok(())
            }
        }
    }

    fn consume_where(&mut self, is_meant: impl Fn(&StoredChallenge) -> bool, at: Timestamp) -> usize {
        let meant = self.challenges.iter_mut().filter(|stored| is_meant(stored));
        meant.map(|stored| stored.challenge.consumed_at = Some(at)).count()
    }
}
