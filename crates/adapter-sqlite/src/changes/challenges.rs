//! Changes of challenges.

use crate::error::Failure;
use crate::rows::challenges::ChallengeRow;
use crate::rows::columns::micros;
use crate::schema::challenges;
use diesel::prelude::*;
use gatewright_application::ports::change::ChallengeChange;
use gatewright_application::ports::error::Constraint;
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{Challenge, ChallengePurpose, FlowId};
use gatewright_domain::account::user::UserId;

pub(super) fn apply(connection: &mut SqliteConnection, change: &ChallengeChange) -> Result<(), Failure> {
    match change {
        ChallengeChange::Insert(challenge) => insert(connection, challenge),
        ChallengeChange::Consume { flow, at } => consume(connection, *flow, *at),
        ChallengeChange::VoidAllOf { user, purpose, at } => void_all_of(connection, *user, *purpose, *at),
    }
}

fn insert(connection: &mut SqliteConnection, challenge: &Challenge) -> Result<(), Failure> {
    diesel::insert_into(challenges::table)
        .values(ChallengeRow::from(challenge))
        .execute(connection)?;
    Ok(())
}

fn consume(connection: &mut SqliteConnection, flow: FlowId, at: Timestamp) -> Result<(), Failure> {
    let consumed = diesel::update(challenges::table.find(flow.0.as_bytes()))
        .filter(challenges::consumed_at.is_null())
        .set(challenges::consumed_at.eq(micros(at)))
        .execute(connection)?;
    if consumed == 1 {
        Ok(())
    } else {
        Err(Constraint::ChallengeUnused.into())
    }
}

fn void_all_of(
    connection: &mut SqliteConnection,
    user: UserId,
    purpose: ChallengePurpose,
    at: Timestamp,
) -> Result<(), Failure> {
    diesel::update(challenges::table)
        .filter(challenges::user_id.eq(user.0.as_bytes()))
        .filter(challenges::purpose.eq(purpose.as_str()))
        .filter(challenges::consumed_at.is_null())
        .set(challenges::consumed_at.eq(micros(at)))
        .execute(connection)?;
    Ok(())
}
