//! Leases of jobs.

use crate::error::Failure;
use crate::prepared::Prepared;
use crate::rows::jobs::{FinishedRunColumns, JobRow};
use crate::schema::jobs;
use crate::store::PostgresStore;
use async_trait::async_trait;
use diesel::QueryableByName;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use gatewright_application::jobs::job::Job;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::jobs::{Due, Fence, JobOutcome, JobRecord, JobRun, Jobs};
use gatewright_domain::{Duration, Timestamp};

/// Takes a job that nobody holds and that is due: its name, now, end of the lease, latest end that a lease may have by now,
/// beginning of the window that it is to run once in, if any. What lies further ahead than a lease was written by a clock
/// that was wrong.
const CLAIM: &str = "
    insert into jobs (name, fence, started_at, leased_until) values ($1, 1, $2, $3)
    on conflict (name) do update set fence = jobs.fence + 1, started_at = $2, leased_until = $3
    where not coalesce(jobs.leased_until > $2 and jobs.leased_until <= $4, false)
        and not coalesce(jobs.finished_run_started_at between $5 and $3, false)
    returning fence";

#[async_trait]
impl Jobs for PostgresStore {
    async fn claim(&self, job: Job, due: Due, lease: Duration, now: Timestamp) -> Result<Option<JobRun>, PortError> {
        let connection = self.lease().await?;
        connection
            .run(|connection| claim(connection, job, due, lease, now))
            .await
    }

    async fn renew(&self, run: &JobRun, lease: Duration, now: Timestamp) -> Result<bool, PortError> {
        let connection = self.lease().await?;
        connection.run(|connection| renew(connection, run, lease, now)).await
    }

    async fn finish(&self, run: &JobRun, outcome: &JobOutcome, now: Timestamp) -> Result<bool, PortError> {
        let lease = self.lease().await?;
        lease.run(|connection| finish(connection, run, outcome, now)).await
    }

    async fn records(&self) -> Result<Vec<JobRecord>, PortError> {
        self.lease().await?.run(records).await
    }
}

#[derive(QueryableByName)]
struct Granted {
    #[diesel(sql_type = BigInt)]
    fence: i64,
}

async fn claim(
    mut connection: &AsyncPgConnection,
    job: Job,
    due: Due,
    lease: Duration,
    now: Timestamp,
) -> Result<Option<JobRun>, Failure> {
    let window = match due {
        Due::OnceSince(since) => Some(since),
        Due::Now => None,
    };
    let statement = diesel::sql_query(CLAIM)
        .bind::<Text, _>(job.as_str())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + lease)
        .bind::<Timestamptz, _>(now + lease * 2)
        .bind::<Nullable<Timestamptz>, _>(window);
    let granted: Option<Granted> = Prepared(statement).get_result(&mut connection).await.optional()?;
    Ok(granted.map(|granted| JobRun {
        job,
        fence: Fence(granted.fence),
        started_at: now,
    }))
}

async fn renew(
    mut connection: &AsyncPgConnection,
    run: &JobRun,
    lease: Duration,
    now: Timestamp,
) -> Result<bool, Failure> {
    let held = jobs::table
        .find(run.job.as_str())
        .filter(jobs::fence.eq(run.fence.0))
        .filter(jobs::leased_until.gt(now));
    let prolong = diesel::update(held).set(jobs::leased_until.eq(now + lease));
    Ok(Prepared(prolong).execute(&mut connection).await? == 1)
}

async fn finish(
    mut connection: &AsyncPgConnection,
    run: &JobRun,
    outcome: &JobOutcome,
    now: Timestamp,
) -> Result<bool, Failure> {
    let latest = jobs::table.find(run.job.as_str()).filter(jobs::fence.eq(run.fence.0));
    let record = diesel::update(latest).set(FinishedRunColumns::new(run, outcome, now));
    Ok(Prepared(record).execute(&mut connection).await? == 1)
}

async fn records(mut connection: &AsyncPgConnection) -> Result<Vec<JobRecord>, Failure> {
    // A newer version may have jobs that this one does not know.
    let known = jobs::name.eq_any(Job::ALL.map(Job::as_str).to_vec());
    let all = jobs::table.filter(known).select(JobRow::as_select());
    let rows: Vec<JobRow> = Prepared(all).load(&mut connection).await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}
