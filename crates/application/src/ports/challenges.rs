//! Looking up challenges and trying codes.

use crate::ports::error::PortError;
use async_trait::async_trait;
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{Challenge, ChallengePolicy, ChallengePurpose, FlowId, LinkDigest};

/// What asking for a try found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one a request; a box would cost more than the bytes"
)]
pub enum CodeAttempt {
    /// One try was taken: compare the code with this challenge's.
    Granted(Challenge),
    /// The code's time is over, whatever became of it before: a flow that was voided meanwhile must not differ from a
    /// decoy, which never is.
    Expired,
    /// No such flow of this purpose, no code in it, used before, or no try left.
    Refused,
}

/// Reads and claims challenges.
#[async_trait]
pub trait Challenges: Send + Sync {
    /// Takes one try of the code of `flow`, before it is compared. In one atomic step it MUST count
    /// the try against the flow ([`ChallengePolicy::attempts_per_code`]) *and* against the challenge's
    /// failure counter ([`ChallengePolicy::failures_per_address`] in
    /// [`ChallengePolicy::failure_window`]), and MUST grant none where either is used up; of any number
    /// of simultaneous calls no more than the limit are granted. A try that is not granted MUST NOT
    /// be counted.
    async fn claim_code_attempt(
        &self,
        flow: FlowId,
        purpose: ChallengePurpose,
        policy: &ChallengePolicy,
        now: Timestamp,
    ) -> Result<CodeAttempt, PortError>;

    /// By its link, whatever its state. MUST find nothing of another purpose.
    async fn find_by_link(&self, purpose: ChallengePurpose, link: &LinkDigest) -> Result<Option<Challenge>, PortError>;
}
