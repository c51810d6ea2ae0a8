//! Taking tries of codes, and finding challenges by their link.

use crate::error::Failure;
use crate::prepared::Prepared;
use crate::rows::challenges::ChallengeRow;
use crate::schema::challenges;
use crate::store::PostgresStore;
use async_trait::async_trait;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use gatewright_application::ports::challenges::{Challenges, CodeAttempt};
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{Challenge, ChallengePolicy, ChallengePurpose, FlowId, LinkDigest};

/// Takes a try of a flow that has one left and counts it against the address, where that has one left, or does neither:
/// flow, purpose, now, tries of a code, tries of an address, end of a window that begins now. It locks the challenge before
/// it looks at it, and after that the counter. The columns are named: see `migrations/README.md`.
const TAKE_ATTEMPT: &str = "
    with live as (
        select id, failure_counter from challenges
        where id = $1 and purpose = $2 and consumed_at is null
            and code_digest is not null and code_expires_at > $3 and attempts < $4
        for no key update
    ), counted as (
        insert into attempt_counters as counter (counter_key, taken, window_ends_at)
        select failure_counter, 1, $6 from live where $5 > 0
        on conflict (counter_key) do update set
            taken = case when counter.window_ends_at > $3 then counter.taken + 1 else 1 end,
            window_ends_at = case when counter.window_ends_at > $3 then counter.window_ends_at else $6 end
        where counter.window_ends_at <= $3 or counter.taken < $5
        returning counter_key
    )
    update challenges set attempts = challenges.attempts + 1
    from live, counted where challenges.id = live.id
    returning challenges.id, purpose, subject, registration_id, resent, user_id, new_email, session_id,
        challenges.failure_counter, code_digest, link_digest, attempts, created_at, code_expires_at, link_expires_at,
        consumed_at";

#[async_trait]
impl Challenges for PostgresStore {
    async fn claim_code_attempt(
        &self,
        flow: FlowId,
        purpose: ChallengePurpose,
        policy: &ChallengePolicy,
        now: Timestamp,
    ) -> Result<CodeAttempt, PortError> {
        let lease = self.lease().await?;
        lease
            .run(|connection| claim_code_attempt(connection, flow, purpose, policy, now))
            .await
    }

    async fn find_by_link(&self, purpose: ChallengePurpose, link: &LinkDigest) -> Result<Option<Challenge>, PortError> {
        let lease = self.lease().await?;
        lease.run(|connection| find_by_link(connection, purpose, link)).await
    }
}

async fn claim_code_attempt(
    connection: &AsyncPgConnection,
    flow: FlowId,
    purpose: ChallengePurpose,
    policy: &ChallengePolicy,
    now: Timestamp,
) -> Result<CodeAttempt, Failure> {
    if let Some(granted) = take_attempt(connection, flow, purpose, policy, now).await? {
        return Ok(CodeAttempt::Granted(granted));
    }
    // What tells these apart never changes once the challenge is stored.
    match find(connection, flow, purpose).await? {
        Some(challenge) if challenge.code.is_some() && now >= challenge.code_expires_at => Ok(CodeAttempt::Expired),
        _ => Ok(CodeAttempt::Refused),
    }
}

async fn take_attempt(
    mut connection: &AsyncPgConnection,
    flow: FlowId,
    purpose: ChallengePurpose,
    policy: &ChallengePolicy,
    now: Timestamp,
) -> Result<Option<Challenge>, Failure> {
    let statement = diesel::sql_query(TAKE_ATTEMPT)
        .bind::<Uuid, _>(flow.0)
        .bind::<Text, _>(purpose.as_str())
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(i64::from(policy.attempts_per_code))
        .bind::<BigInt, _>(i64::from(policy.failures_per_address))
        .bind::<Timestamptz, _>(now + policy.failure_window);
    let row: Option<ChallengeRow> = Prepared(statement).get_result(&mut connection).await.optional()?;
    Ok(row.map(Challenge::try_from).transpose()?)
}

async fn find(
    mut connection: &AsyncPgConnection,
    flow: FlowId,
    purpose: ChallengePurpose,
) -> Result<Option<Challenge>, Failure> {
    let row: Option<ChallengeRow> = challenges::table
        .find(flow.0)
        .filter(challenges::purpose.eq(purpose.as_str()))
        .select(ChallengeRow::as_select())
        .get_result(&mut connection)
        .await
        .optional()?;
    Ok(row.map(Challenge::try_from).transpose()?)
}

async fn find_by_link(
    mut connection: &AsyncPgConnection,
    purpose: ChallengePurpose,
    link: &LinkDigest,
) -> Result<Option<Challenge>, Failure> {
    let row: Option<ChallengeRow> = challenges::table
        .filter(challenges::link_digest.eq(link.0.as_slice()))
        .filter(challenges::purpose.eq(purpose.as_str()))
        .select(ChallengeRow::as_select())
        .get_result(&mut connection)
        .await
        .optional()?;
    Ok(row.map(Challenge::try_from).transpose()?)
}
