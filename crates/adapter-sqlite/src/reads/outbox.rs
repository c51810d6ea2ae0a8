//! What waits in the outbox.

use crate::error::Failure;
use crate::rows::columns::{micros, optional_time};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable};
use gatewright_application::ports::outbox::{BACKLOG_COUNTED, Backlog};
use gatewright_domain::Timestamp;

/// One statement, so one state. Each part walks an index that holds such mails alone, and stops where it has counted
/// enough; the oldest due mail is the first of its index.
const BACKLOG: &str = "select \
    (select count(*) from (select 1 from outbox_mails where due_at is not null limit ?1)) as waiting, \
    (select count(*) from (select 1 from outbox_mails where parked_at is not null limit ?1)) as parked, \
    (select min(due_at) from outbox_mails where due_at <= ?2) as oldest_due_at";

#[derive(QueryableByName)]
struct BacklogRow {
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = BigInt)]
    parked: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    oldest_due_at: Option<i64>,
}

pub(crate) fn backlog(connection: &mut SqliteConnection, now: Timestamp) -> Result<Backlog, Failure> {
    let row: BacklogRow = sql_query(BACKLOG)
        .bind::<BigInt, _>(i64::from(BACKLOG_COUNTED))
        .bind::<BigInt, _>(micros(now))
        .get_result(connection)?;
    Ok(Backlog {
        waiting: counted(row.waiting),
        parked: counted(row.parked),
        oldest_due_at: optional_time(row.oldest_due_at)?,
    })
}

fn counted(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(BACKLOG_COUNTED)
}
