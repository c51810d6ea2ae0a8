//! Taking tries of codes, and finding challenges by their link.

use crate::claims::attempt_counters::{count, used_up};
use crate::error::Failure;
use crate::rows::challenges::ChallengeRow;
use crate::schema::challenges;
use crate::store::SqliteStore;
use async_trait::async_trait;
use diesel::prelude::*;
use gatewright_application::ports::challenges::{Challenges, CodeAttempt};
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::abuse::quota::Quota;
use gatewright_domain::account::challenge::{Challenge, ChallengePolicy, ChallengePurpose, FlowId, LinkDigest};

#[async_trait]
impl Challenges for SqliteStore {
    async fn claim_code_attempt(
        &self,
        flow: FlowId,
        purpose: ChallengePurpose,
        policy: &ChallengePolicy,
        now: Timestamp,
    ) -> Result<CodeAttempt, PortError> {
        let policy = *policy;
        self.write(move |connection| claim_code_attempt(connection, flow, purpose, &policy, now))
            .await
    }

    async fn find_by_link(&self, purpose: ChallengePurpose, link: &LinkDigest) -> Result<Option<Challenge>, PortError> {
        let link = *link;
        self.read(move |connection| find_by_link(connection, purpose, link))
            .await
    }
}

fn claim_code_attempt(
    connection: &mut SqliteConnection,
    flow: FlowId,
    purpose: ChallengePurpose,
    policy: &ChallengePolicy,
    now: Timestamp,
) -> Result<CodeAttempt, Failure> {
    let Some(row) = find(connection, flow, purpose)? else {
        return Ok(CodeAttempt::Refused);
    };
    let attempts = row.attempts;
    let challenge = Challenge::try_from(row)?;
    if challenge.code.is_some() && now >= challenge.code_expires_at {
        return Ok(CodeAttempt::Expired);
    }
    if challenge.code.is_none() || challenge.consumed_at.is_some() {
        return Ok(CodeAttempt::Refused);
    }
    let failures = Quota {
        key: challenge.failure_counter,
        limit: policy.failures_per_address,
        window: policy.failure_window,
    };
    if attempts >= i64::from(policy.attempts_per_code) || used_up(connection, &failures, now)? {
        return Ok(CodeAttempt::Refused);
    }
    count(connection, &failures, now)?;
    diesel::update(challenges::table.find(flow.0.as_bytes()))
        .set(challenges::attempts.eq(challenges::attempts + 1))
        .execute(connection)?;
    Ok(CodeAttempt::Granted(challenge))
}

fn find(
    connection: &mut SqliteConnection,
    flow: FlowId,
    purpose: ChallengePurpose,
) -> Result<Option<ChallengeRow>, Failure> {
    Ok(challenges::table
        .find(flow.0.as_bytes())
        .filter(challenges::purpose.eq(purpose.as_str()))
        .select(ChallengeRow::as_select())
        .get_result(connection)
        .optional()?)
}

fn find_by_link(
    connection: &mut SqliteConnection,
    purpose: ChallengePurpose,
    link: LinkDigest,
) -> Result<Option<Challenge>, Failure> {
    let row: Option<ChallengeRow> = challenges::table
        .filter(challenges::link_digest.eq(link.0.as_slice()))
        .filter(challenges::purpose.eq(purpose.as_str()))
        .select(ChallengeRow::as_select())
        .get_result(connection)
        .optional()?;
    Ok(row.map(Challenge::try_from).transpose()?)
}
