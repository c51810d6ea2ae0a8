//! Leases of jobs.

use crate::error::Failure;
use crate::rows::columns::micros;
use crate::rows::jobs::{FinishedRunColumns, JobRow};
use crate::schema::jobs;
use crate::store::SqliteStore;
use async_trait::async_trait;
use diesel::prelude::*;
use gatewright_application::jobs::job::Job;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::jobs::{Due, Fence, JobOutcome, JobRecord, JobRun, Jobs};
use gatewright_domain::{Duration, Timestamp};

#[async_trait]
impl Jobs for SqliteStore {
    async fn claim(&self, job: Job, due: Due, lease: Duration, now: Timestamp) -> Result<Option<JobRun>, PortError> {
        self.write(move |connection| claim(connection, job, due, lease, now))
            .await
    }

    async fn renew(&self, run: &JobRun, lease: Duration, now: Timestamp) -> Result<bool, PortError> {
        let run = *run;
        self.write(move |connection| renew(connection, &run, lease, now)).await
    }

    async fn finish(&self, run: &JobRun, outcome: &JobOutcome, now: Timestamp) -> Result<bool, PortError> {
        let (run, outcome) = (*run, outcome.clone());
        self.write(move |connection| finish(connection, &run, outcome, now))
            .await
    }

    async fn records(&self) -> Result<Vec<JobRecord>, PortError> {
        self.read(records).await
    }
}

fn claim(
    connection: &mut SqliteConnection,
    job: Job,
    due: Due,
    lease: Duration,
    now: Timestamp,
) -> Result<Option<JobRun>, Failure> {
    let stored: Option<JobRow> = jobs::table
        .find(job.as_str())
        .select(JobRow::as_select())
        .get_result(connection)
        .optional()?;
    // What lies further ahead was written by a clock that was wrong.
    let (until, last_beginning, last_end) = (micros(now + lease), micros(now + lease), micros(now + lease * 2));
    let held = |row: &JobRow| row.leased_until.is_some_and(|end| micros(now) < end && end <= last_end);
    let done = |row: &JobRow| match due {
        Due::Now => false,
        Due::OnceSince(since) => row
            .finished_run_started_at
            .is_some_and(|beginning| micros(since) <= beginning && beginning <= last_beginning),
    };
    if stored.as_ref().is_some_and(|row| held(row) || done(row)) {
        return Ok(None);
    }
    let fence = stored.map_or(0, |row| row.fence) + 1;
    let begun = (
        jobs::fence.eq(fence),
        jobs::started_at.eq(micros(now)),
        jobs::leased_until.eq(until),
    );
    diesel::insert_into(jobs::table)
        .values((jobs::name.eq(job.as_str()), begun))
        .on_conflict(jobs::name)
        .do_update()
        .set(begun)
        .execute(connection)?;
    Ok(Some(JobRun {
        job,
        fence: Fence(fence),
        started_at: now,
    }))
}

fn renew(connection: &mut SqliteConnection, run: &JobRun, lease: Duration, now: Timestamp) -> Result<bool, Failure> {
    let held = jobs::table
        .find(run.job.as_str())
        .filter(jobs::fence.eq(run.fence.0))
        .filter(jobs::leased_until.gt(micros(now)));
    let renewed = diesel::update(held)
        .set(jobs::leased_until.eq(micros(now + lease)))
        .execute(connection)?;
    Ok(renewed == 1)
}

fn finish(
    connection: &mut SqliteConnection,
    run: &JobRun,
    outcome: JobOutcome,
    now: Timestamp,
) -> Result<bool, Failure> {
    let latest = jobs::table.find(run.job.as_str()).filter(jobs::fence.eq(run.fence.0));
    let finished = diesel::update(latest)
        .set(FinishedRunColumns::new(run, outcome, now))
        .execute(connection)?;
    Ok(finished == 1)
}

/// Whether no later run has begun. It stays so until the transaction ends.
pub(super) fn is_latest(connection: &mut SqliteConnection, run: &JobRun) -> Result<bool, Failure> {
    let latest = jobs::table.find(run.job.as_str()).filter(jobs::fence.eq(run.fence.0));
    let found: i64 = latest.count().get_result(connection)?;
    Ok(found == 1)
}

fn records(connection: &mut SqliteConnection) -> Result<Vec<JobRecord>, Failure> {
    // A newer version may have jobs that this one does not know.
    let known = jobs::name.eq_any(Job::ALL.map(Job::as_str));
    let rows: Vec<JobRow> = jobs::table.filter(known).select(JobRow::as_select()).load(connection)?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}
