//! Leases of jobs.

use super::MemoryStore;
use async_trait::async_trait;
use gatewright_application::jobs::job::Job;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::jobs::{Due, Fence, FinishedRun, JobOutcome, JobRecord, JobRun, Jobs};
use gatewright_domain::{Duration, Timestamp};
use std::collections::BTreeMap;

/// Each job that was ever run, and its latest run.
pub(super) type StoredJobs = BTreeMap<Job, StoredJob>;

#[derive(Debug, Clone)]
pub(super) struct StoredJob {
    fence: Fence,
    record: JobRecord,
}

#[async_trait]
impl Jobs for MemoryStore {
    async fn claim(&self, job: Job, due: Due, lease: Duration, now: Timestamp) -> Result<Option<JobRun>, PortError> {
        let mut state = self.state();
        let stored = state.jobs.get(&job).cloned();
        if stored.as_ref().is_some_and(|stored| stored.refuses(due, lease, now)) {
            return Ok(None);
        }
        let fence = Fence(stored.as_ref().map_or(0, |stored| stored.fence.0) + 1);
        let record = JobRecord {
            job,
            last_started_at: now,
            last_finished: stored.and_then(|stored| stored.record.last_finished),
            leased_until: Some(now + lease),
        };
        state.jobs.insert(job, StoredJob { fence, record });
        Ok(Some(JobRun {
            job,
            fence,
            started_at: now,
        }))
    }

    async fn renew(&self, run: &JobRun, lease: Duration, now: Timestamp) -> Result<bool, PortError> {
        let mut state = self.state();
        let held = latest(&mut state.jobs, run).filter(|record| record.leased_until.is_some_and(|until| now < until));
        Ok(held.map(|record| record.leased_until = Some(now + lease)).is_some())
    }

    async fn finish(&self, run: &JobRun, outcome: &JobOutcome, now: Timestamp) -> Result<bool, PortError> {
        let mut state = self.state();
        let Some(record) = latest(&mut state.jobs, run) else {
            return Ok(false);
        };
        record.leased_until = None;
        record.last_finished = Some(FinishedRun {
            started_at: run.started_at,
            finished_at: now,
            outcome: outcome.clone(),
        });
        Ok(true)
    }

    async fn records(&self) -> Result<Vec<JobRecord>, PortError> {
        let state = self.state();
        Ok(state.jobs.values().map(|stored| stored.record.clone()).collect())
    }
}

impl StoredJob {
    /// Whether somebody holds it, or it is not due.
    fn refuses(&self, due: Due, lease: Duration, now: Timestamp) -> bool {
        let held = |until: Timestamp| now < until && until <= now + lease * 2;
        let counts = |run: &FinishedRun, since| since <= run.started_at && run.started_at <= now + lease;
        let done = match due {
            Due::Now => false,
            Due::OnceSince(since) => self.record.last_finished.as_ref().is_some_and(|run| counts(run, since)),
        };
        done || self.record.leased_until.is_some_and(held)
    }
}

/// The record of the job, where `run` is its latest.
fn latest<'a>(jobs: &'a mut StoredJobs, run: &JobRun) -> Option<&'a mut JobRecord> {
    let stored = jobs.get_mut(&run.job).filter(|stored| stored.fence == run.fence);
    stored.map(|stored| &mut stored.record)
}

/// Whether `run` is the latest of its job.
pub(super) fn is_latest(jobs: &StoredJobs, run: &JobRun) -> bool {
    jobs.get(&run.job).is_some_and(|stored| stored.fence == run.fence)
}
