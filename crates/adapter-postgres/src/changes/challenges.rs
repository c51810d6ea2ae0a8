//! Changes of challenges.

use crate::changes::{Step, expect_one};
use crate::error::Failure;
use crate::prepared::Prepared;
use crate::rows::challenges::ChallengeRow;
use crate::schema::challenges;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use gatewright_application::ports::change::ChallengeChange;
use gatewright_application::ports::error::Constraint;
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{Challenge, ChallengePurpose, FlowId};
use gatewright_domain::account::user::UserId;

pub(super) fn step<'a>(connection: &'a AsyncPgConnection, change: &'a ChallengeChange) -> Step<'a> {
    match change {
        ChallengeChange::Insert(challenge) => insert(connection, challenge).boxed(),
        ChallengeChange::Consume { flow, at } => consume(connection, *flow, *at).boxed(),
        ChallengeChange::VoidAllOf { user, purpose, at } => void_all_of(connection, *user, *purpose, *at).boxed(),
    }
}

async fn insert(mut connection: &AsyncPgConnection, challenge: &Challenge) -> Result<(), Failure> {
    diesel::insert_into(challenges::table)
        .values(ChallengeRow::from(challenge))
        .execute(&mut connection)
        .await?;
    Ok(())
}

async fn consume(mut connection: &AsyncPgConnection, flow: FlowId, at: Timestamp) -> Result<(), Failure> {
    let unused = challenges::table.find(flow.0).filter(challenges::consumed_at.is_null());
    let consume = diesel::update(unused).set(challenges::consumed_at.eq(at));
    let consumed = Prepared(consume).execute(&mut connection).await?;
    expect_one(consumed, Constraint::ChallengeUnused)
}

async fn void_all_of(
    mut connection: &AsyncPgConnection,
    user: UserId,
    purpose: ChallengePurpose,
    at: Timestamp,
) -> Result<(), Failure> {
    let unused = challenges::table
        .filter(challenges::user_id.eq(user.0))
        .filter(challenges::purpose.eq(purpose.as_str()))
        .filter(challenges::consumed_at.is_null());
    let void = diesel::update(unused).set(challenges::consumed_at.eq(at));
    Prepared(void).execute(&mut connection).await?;
    Ok(())
}
