//! Taking from quotas.

use crate::error::Failure;
use crate::rows::columns::micros;
use crate::schema::attempt_counters;
use crate::store::SqliteStore;
use async_trait::async_trait;
use diesel::prelude::*;
use gatewright_application::ports::attempt_counters::AttemptCounters;
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::abuse::quota::Quota;

#[async_trait]
impl AttemptCounters for SqliteStore {
    async fn take(&self, quotas: &[Quota], now: Timestamp) -> Result<bool, PortError> {
        let quotas = quotas.to_vec();
        self.write(move |connection| take(connection, &quotas, now)).await
    }
}

fn take(connection: &mut SqliteConnection, quotas: &[Quota], now: Timestamp) -> Result<bool, Failure> {
    for quota in quotas {
        if used_up(connection, quota, now)? {
            return Ok(false);
        }
    }
    for quota in quotas {
        count(connection, quota, now)?;
    }
    Ok(true)
}

/// Whether nothing is left of `quota` at `now`.
pub(crate) fn used_up(connection: &mut SqliteConnection, quota: &Quota, now: Timestamp) -> Result<bool, Failure> {
    let taken: Option<i64> = attempt_counters::table
        .find(quota.key.0.as_slice())
        .filter(attempt_counters::window_ends_at.gt(micros(now)))
        .select(attempt_counters::taken)
        .get_result(connection)
        .optional()?;
    Ok(taken.unwrap_or(0) >= i64::from(quota.limit))
}

/// Takes one from `quota`: in the window that is open at `now`, whose end stays in its index, or in one that begins now.
pub(crate) fn count(connection: &mut SqliteConnection, quota: &Quota, now: Timestamp) -> Result<(), Failure> {
    let open = attempt_counters::table
        .find(quota.key.0.as_slice())
        .filter(attempt_counters::window_ends_at.gt(micros(now)));
    let counted = diesel::update(open)
        .set(attempt_counters::taken.eq(attempt_counters::taken + 1))
        .execute(connection)?;
    if counted == 0 {
        diesel::replace_into(attempt_counters::table)
            .values((
                attempt_counters::counter_key.eq(quota.key.0.as_slice()),
                attempt_counters::taken.eq(1),
                attempt_counters::window_ends_at.eq(micros(now + quota.window)),
            ))
            .execute(connection)?;
    }
    Ok(())
}
