//! Removing what is over, one batch a job of the writer. Nobody else writes meanwhile, so there are no locks to wait for.

use crate::claims::jobs::is_latest;
use crate::error::Failure;
use crate::rows::columns::{id, micros};
use crate::schema::sessions;
use crate::store::SqliteStore;
use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::expired_rows::{Expired, ExpiredRows, Removal, SessionSweep};
use gatewright_application::ports::jobs::JobRun;
use gatewright_domain::Timestamp;
use gatewright_domain::session::session::SessionId;

#[async_trait]
impl ExpiredRows for SqliteStore {
    async fn remove(&self, run: &JobRun, what: Expired, before: Timestamp, limit: u32) -> Result<Removal, PortError> {
        let run = *run;
        self.write(move |connection| remove(connection, &run, what, before, limit))
            .await
    }

    async fn sweep_idle_sessions(
        &self,
        run: &JobRun,
        after: Option<SessionId>,
        before: Timestamp,
        limit: u32,
    ) -> Result<SessionSweep, PortError> {
        // Looked at on a reader: the writer is kept for what there is to remove.
        let seen = self.read(move |connection| look_at(connection, after, limit)).await?;
        let next = last_of_a_full_step(&seen, limit)?;
        let idle: Vec<Vec<u8>> = seen
            .into_iter()
            .filter(|(_, idle_expires_at)| *idle_expires_at <= micros(before))
            .map(|(id, _)| id)
            .collect();
        let run = *run;
        let removal = self.write(move |connection| remove_idle(connection, &run, &idle, before));
        Ok(match removal.await? {
            Removal::Removed(removed) => SessionSweep::Swept { removed, next },
            Removal::Superseded => SessionSweep::Superseded,
        })
    }
}

/// Removes at most `?2` rows whose end had come by `?1`, the oldest first.
const fn statement(what: Expired) -> &'static str {
    match what {
        Expired::Registrations => {
            "DELETE FROM registrations WHERE id IN
             (SELECT id FROM registrations WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)"
        }
        Expired::Challenges => {
            "DELETE FROM challenges WHERE id IN
             (SELECT id FROM challenges WHERE max(code_expires_at, link_expires_at) <= ?1
              ORDER BY max(code_expires_at, link_expires_at) LIMIT ?2)"
        }
        Expired::EndedSessions => {
            "DELETE FROM sessions WHERE id IN
             (SELECT id FROM sessions WHERE ended_at <= ?1 ORDER BY ended_at LIMIT ?2)"
        }
        Expired::OutlivedSessions => {
            "DELETE FROM sessions WHERE id IN
             (SELECT id FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)"
        }
        Expired::AttemptCounters => {
            "DELETE FROM attempt_counters WHERE counter_key IN
             (SELECT counter_key FROM attempt_counters WHERE window_ends_at <= ?1 ORDER BY window_ends_at LIMIT ?2)"
        }
        Expired::SentMails => {
            "DELETE FROM outbox_mails WHERE id IN
             (SELECT id FROM outbox_mails WHERE sent_at <= ?1 ORDER BY sent_at LIMIT ?2)"
        }
        Expired::ParkedMails => {
            "DELETE FROM outbox_mails WHERE id IN
             (SELECT id FROM outbox_mails WHERE parked_at <= ?1 ORDER BY parked_at LIMIT ?2)"
        }
        Expired::AuditEvents => {
            "DELETE FROM audit_events WHERE id IN
             (SELECT id FROM audit_events WHERE at <= ?1 ORDER BY at LIMIT ?2)"
        }
    }
}

fn remove(
    connection: &mut SqliteConnection,
    run: &JobRun,
    what: Expired,
    before: Timestamp,
    limit: u32,
) -> Result<Removal, Failure> {
    if !is_latest(connection, run)? {
        return Ok(Removal::Superseded);
    }
    let removed = diesel::sql_query(statement(what))
        .bind::<BigInt, _>(micros(before))
        .bind::<BigInt, _>(i64::from(limit))
        .execute(connection)?;
    Ok(Removal::Removed(count(removed)))
}

/// The next sessions in the order of their ids, and when each is over for lack of use.
fn look_at(
    connection: &mut SqliteConnection,
    after: Option<SessionId>,
    limit: u32,
) -> Result<Vec<(Vec<u8>, i64)>, Failure> {
    // Every id is greater than an empty one.
    let after: &[u8] = after.as_ref().map_or(&[], |id| id.0.as_bytes());
    Ok(sessions::table
        .filter(sessions::id.gt(after))
        .order(sessions::id)
        .limit(limit.into())
        .select((sessions::id, sessions::idle_expires_at))
        .load(connection)?)
}

/// Where the next step goes on; a step that was not full was the last.
fn last_of_a_full_step(seen: &[(Vec<u8>, i64)], limit: u32) -> Result<Option<SessionId>, PortError> {
    match seen.last() {
        Some((last, _)) if count(seen.len()) >= limit => Ok(Some(SessionId(id(last)?))),
        _ => Ok(None),
    }
}

/// Removes those of `ids` that nobody has refreshed meanwhile.
fn remove_idle(
    connection: &mut SqliteConnection,
    run: &JobRun,
    ids: &[Vec<u8>],
    before: Timestamp,
) -> Result<Removal, Failure> {
    if !is_latest(connection, run)? {
        return Ok(Removal::Superseded);
    }
    if ids.is_empty() {
        return Ok(Removal::Removed(0));
    }
    let idle = sessions::table
        .filter(sessions::id.eq_any(ids))
        .filter(sessions::idle_expires_at.le(micros(before)));
    let removed = diesel::delete(idle).execute(connection)?;
    Ok(Removal::Removed(count(removed)))
}

/// No batch has more rows than its limit, which is of this type.
fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
