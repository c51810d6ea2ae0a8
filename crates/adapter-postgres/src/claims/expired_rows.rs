//! Removing what is over, one batch a statement.
//!
//! Each statement first locks the job's row against a later claim, and goes on only where the run is still the latest; so
//! once a later claim was answered nothing more goes. What somebody else has locked is passed over. Rows are deleted by
//! their place, which no statistics of a table in full change can talk the planner out of.

use crate::error::Failure;
use crate::prepared::Prepared;
use crate::schema::sessions;
use crate::store::PostgresStore;
use async_trait::async_trait;
use diesel::QueryableByName;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as UuidType};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::expired_rows::{Expired, ExpiredRows, Removal, SessionSweep};
use gatewright_application::ports::jobs::JobRun;
use gatewright_domain::Timestamp;
use gatewright_domain::session::session::SessionId;
use uuid::Uuid;

#[async_trait]
impl ExpiredRows for PostgresStore {
    async fn remove(&self, run: &JobRun, what: Expired, before: Timestamp, limit: u32) -> Result<Removal, PortError> {
        let lease = self.lease().await?;
        lease
            .run(|connection| remove(connection, run, what, before, limit))
            .await
    }

    async fn sweep_idle_sessions(
        &self,
        run: &JobRun,
        after: Option<SessionId>,
        before: Timestamp,
        limit: u32,
    ) -> Result<SessionSweep, PortError> {
        let lease = self.lease().await?;
        lease
            .run(|connection| sweep(connection, run, after, before, limit))
            .await
    }
}

/// Job, fence, until when the end has to have come, how many.
fn removal_of(what: Expired) -> String {
    let (table, end) = match what {
        Expired::Registrations => ("registrations", "expires_at"),
        Expired::Challenges => ("challenges", "greatest(code_expires_at, link_expires_at)"),
        Expired::EndedSessions => ("sessions", "ended_at"),
        Expired::OutlivedSessions => ("sessions", "expires_at"),
        Expired::AttemptCounters => ("attempt_counters", "window_ends_at"),
        Expired::SentMails => ("outbox_mails", "sent_at"),
        Expired::ParkedMails => ("outbox_mails", "parked_at"),
        Expired::AuditEvents => ("audit_events", "at"),
    };
    format!(
        "
        with latest as (select 1 from jobs where name = $1 and fence = $2 for share),
        gone as (
            delete from {table} where ctid = any (array(
                select ctid from {table} where {end} <= $3 and exists (select 1 from latest)
                order by {end} limit $4 for update skip locked
            )) returning 1
        )
        select (select count(*) from latest) as latest, (select count(*) from gone) as gone"
    )
}

/// Job, fence, until when the end has to have come, which. Those that were refreshed meanwhile stay.
const REMOVE_IDLE: &str = "
    with latest as (select 1 from jobs where name = $1 and fence = $2 for share),
    gone as (
        delete from sessions where ctid = any (array(
            select ctid from sessions where id = any ($4) and idle_expires_at <= $3 and exists (select 1 from latest)
            for update skip locked
        )) returning 1
    )
    select (select count(*) from latest) as latest, (select count(*) from gone) as gone";

#[derive(QueryableByName)]
struct Batch {
    #[diesel(sql_type = BigInt)]
    latest: i64,
    #[diesel(sql_type = BigInt)]
    gone: i64,
}

impl From<Batch> for Removal {
    fn from(batch: Batch) -> Self {
        if batch.latest == 0 {
            return Self::Superseded;
        }
        // No batch has more rows than its limit, which is of this type.
        Self::Removed(u32::try_from(batch.gone).unwrap_or(u32::MAX))
    }
}

async fn remove(
    mut connection: &AsyncPgConnection,
    run: &JobRun,
    what: Expired,
    before: Timestamp,
    limit: u32,
) -> Result<Removal, Failure> {
    let statement = diesel::sql_query(removal_of(what))
        .bind::<Text, _>(run.job.as_str())
        .bind::<BigInt, _>(run.fence.0)
        .bind::<Timestamptz, _>(before)
        .bind::<BigInt, _>(i64::from(limit));
    let batch: Batch = Prepared(statement).get_result(&mut connection).await?;
    Ok(batch.into())
}

async fn sweep(
    connection: &AsyncPgConnection,
    run: &JobRun,
    after: Option<SessionId>,
    before: Timestamp,
    limit: u32,
) -> Result<SessionSweep, Failure> {
    let seen = look_at(connection, after, limit).await?;
    let full = u32::try_from(seen.len()).is_ok_and(|count| count >= limit);
    let next = seen.last().filter(|_| full).map(|(last, _)| SessionId(*last));
    let idle = seen
        .into_iter()
        .filter(|(_, idle_expires_at)| *idle_expires_at <= before)
        .map(|(id, _)| id)
        .collect();
    match remove_idle(connection, run, idle, before).await? {
        Removal::Removed(removed) => Ok(SessionSweep::Swept { removed, next }),
        Removal::Superseded => Ok(SessionSweep::Superseded),
    }
}

/// The next sessions in the order of their ids, and when each is over for lack of use.
async fn look_at(
    mut connection: &AsyncPgConnection,
    after: Option<SessionId>,
    limit: u32,
) -> Result<Vec<(Uuid, Timestamp)>, Failure> {
    // No session has the nil id, and every id is greater.
    let after = after.map_or(Uuid::nil(), |id| id.0);
    Ok(sessions::table
        .filter(sessions::id.gt(after))
        .order(sessions::id)
        .limit(limit.into())
        .select((sessions::id, sessions::idle_expires_at))
        .load(&mut connection)
        .await?)
}

async fn remove_idle(
    mut connection: &AsyncPgConnection,
    run: &JobRun,
    ids: Vec<Uuid>,
    before: Timestamp,
) -> Result<Removal, Failure> {
    let statement = diesel::sql_query(REMOVE_IDLE)
        .bind::<Text, _>(run.job.as_str())
        .bind::<BigInt, _>(run.fence.0)
        .bind::<Timestamptz, _>(before)
        .bind::<Array<UuidType>, _>(ids);
    let batch: Batch = Prepared(statement).get_result(&mut connection).await?;
    Ok(batch.into())
}
