//! Taking from quotas.

use crate::error::Failure;
use crate::prepared::Prepared;
use crate::store::PostgresStore;
use crate::transaction::{Step, all_or_nothing};
use async_trait::async_trait;
use diesel::result::Error as DriverError;
use diesel::sql_types::{BigInt, Bytea, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use gatewright_application::ports::attempt_counters::AttemptCounters;
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::abuse::quota::Quota;

/// Counts one where there is one left: key, limit, end of a window that begins now, now.
const TAKE: &str = "
    insert into attempt_counters as counter (counter_key, taken, window_ends_at)
    select $1, 1, $3 where $2 > 0
    on conflict (counter_key) do update set
        taken = case when counter.window_ends_at > $4 then counter.taken + 1 else 1 end,
        window_ends_at = case when counter.window_ends_at > $4 then counter.window_ends_at else $3 end
    where counter.window_ends_at <= $4 or counter.taken < $2";

#[async_trait]
impl AttemptCounters for PostgresStore {
    async fn take(&self, quotas: &[Quota], now: Timestamp) -> Result<bool, PortError> {
        // Always in the same order, so that two calls never wait for each other.
        let mut quotas = quotas.to_vec();
        quotas.sort_by_key(|quota| quota.key);
        let lease = self.lease().await?;
        lease.run(|connection| take(connection, &quotas, now)).await
    }
}

async fn take(connection: &AsyncPgConnection, quotas: &[Quota], now: Timestamp) -> Result<bool, Failure> {
    let steps: Vec<Step<'_, Stop>> = quotas
        .iter()
        .map(|quota| take_one(connection, quota, now).boxed())
        .collect();
    match all_or_nothing(connection, steps).await {
        Ok(()) => Ok(true),
        Err(Stop::UsedUp) => Ok(false),
        Err(Stop::Failed(error)) => Err(error.into()),
    }
}

/// Why a quota was not taken from.
enum Stop {
    UsedUp,
    Failed(DriverError),
}

impl From<DriverError> for Stop {
    fn from(error: DriverError) -> Self {
        Self::Failed(error)
    }
}

async fn take_one(mut connection: &AsyncPgConnection, quota: &Quota, now: Timestamp) -> Result<(), Stop> {
    let statement = diesel::sql_query(TAKE)
        .bind::<Bytea, _>(quota.key.0)
        .bind::<BigInt, _>(i64::from(quota.limit))
        .bind::<Timestamptz, _>(now + quota.window)
        .bind::<Timestamptz, _>(now);
    match Prepared(statement).execute(&mut connection).await? {
        0 => Err(Stop::UsedUp),
        _ => Ok(()),
    }
}
