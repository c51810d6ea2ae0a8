//! What a list of changes locks before it does anything.
//!
//! Lists of one user, or for one address, touch the same rows in orders that they choose themselves: a reset consumes its
//! challenge and then voids the user's others, while another one does the same the other way round. Each would wait for
//! the other. So a list of several statements first locks whom it is about, always in the same order: addresses, then
//! users. The locks are sent along with everything else and end with the transaction.

use crate::changes::Step;
use crate::error::Failure;
use crate::prepared::Prepared;
use diesel::sql_types::{Array, Text, Uuid as UuidType};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use gatewright_application::ports::change::{ChallengeChange, Change, RegistrationChange, SessionChange, UserChange};
use std::collections::BTreeSet;
use uuid::Uuid;

/// An address need not have a row that could be locked. Two addresses of the same hash wait for each other, no more.
const LOCK_ADDRESSES: &str = "
    select pg_advisory_xact_lock(hashtextextended(address, 0))
    from (select unnest($1::text[]) as address) as addresses order by hashtextextended(address, 0)";

const LOCK_USERS: &str = "select id from users where id = any($1) order by id for no key update";

/// The locks for `changes`, to be taken before their own steps.
pub(super) fn steps<'a>(connection: &'a AsyncPgConnection, changes: &'a [Change]) -> Vec<Step<'a>> {
    let addresses: BTreeSet<&str> = changes.iter().filter_map(address_of).collect();
    let users: BTreeSet<Uuid> = changes.iter().filter_map(user_of).collect();
    let mut steps = Vec::new();
    if !addresses.is_empty() {
        steps.push(lock_addresses(connection, addresses.into_iter().collect()).boxed());
    }
    if !users.is_empty() {
        steps.push(lock_users(connection, users.into_iter().collect()).boxed());
    }
    steps
}

/// The address, in its canonical form, whose account or registrations a change is about.
fn address_of(change: &Change) -> Option<&str> {
    match change {
        Change::Registration(RegistrationChange::DropAllFor(email))
        | Change::User(UserChange::SetVerifiedEmail { email, .. }) => Some(email.canonical()),
        Change::User(UserChange::Insert { user, .. }) => Some(user.email.canonical()),
        Change::Registration(RegistrationChange::Insert(_))
        | Change::User(
            UserChange::ExpectPassword { .. }
            | UserChange::SignedIn { .. }
            | UserChange::Rehash { .. }
            | UserChange::SetPassword { .. }
            | UserChange::EditProfile { .. }
            | UserChange::Delete { .. },
        )
        | Change::Challenge(_)
        | Change::Session(_)
        | Change::Mail(_)
        | Change::Audit(_)
        | Change::ResetCounter(_) => None,
    }
}

/// The user that a change, or what it does to sessions and challenges, is about.
fn user_of(change: &Change) -> Option<Uuid> {
    match change {
        Change::User(
            UserChange::ExpectPassword { id, .. }
            | UserChange::SignedIn { id, .. }
            | UserChange::Rehash { id, .. }
            | UserChange::SetPassword { id, .. }
            | UserChange::EditProfile { id, .. }
            | UserChange::SetVerifiedEmail { id, .. }
            | UserChange::Delete { id },
        )
        | Change::Session(SessionChange::EndAllOf { user: id, .. })
        | Change::Challenge(ChallengeChange::VoidAllOf { user: id, .. }) => Some(id.0),
        Change::User(UserChange::Insert { .. })
        | Change::Session(SessionChange::Insert(_) | SessionChange::Rotate { .. } | SessionChange::End { .. })
        | Change::Challenge(ChallengeChange::Insert(_) | ChallengeChange::Consume { .. })
        | Change::Registration(_)
        | Change::Mail(_)
        | Change::Audit(_)
        | Change::ResetCounter(_) => None,
    }
}

async fn lock_addresses(mut connection: &AsyncPgConnection, addresses: Vec<&str>) -> Result<(), Failure> {
    let lock = diesel::sql_query(LOCK_ADDRESSES).bind::<Array<Text>, _>(addresses);
    Prepared(lock).execute(&mut connection).await?;
    Ok(())
}

async fn lock_users(mut connection: &AsyncPgConnection, users: Vec<Uuid>) -> Result<(), Failure> {
    let lock = diesel::sql_query(LOCK_USERS).bind::<Array<UuidType>, _>(users);
    Prepared(lock).execute(&mut connection).await?;
    Ok(())
}
