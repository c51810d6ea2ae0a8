//! What an adapter hands to the suites of the ports for work beside the requests.

use crate::storage::Storage;
use gatewright_application::jobs::job::Job;
use gatewright_application::ports::expired_rows::ExpiredRows;
use gatewright_application::ports::jobs::{Due, JobOutcome, JobRun, Jobs};
use gatewright_domain::{Duration, Timestamp};
use std::sync::Arc;

/// How long the cases hold a job.
pub(crate) const LEASE: Duration = Duration::minutes(1);

/// The ports of background work, and those of [`Storage`], over one store.
#[derive(Clone)]
pub struct MaintenanceStorage {
    /// What the work is done on.
    pub storage: Storage,
    /// Leases and records of jobs.
    pub jobs: Arc<dyn Jobs>,
    /// Removes what is over.
    pub expired_rows: Arc<dyn ExpiredRows>,
}

impl MaintenanceStorage {
    /// A run of `job`, where it can be had.
    pub(crate) async fn claim(&self, job: Job, due: Due, now: Timestamp) -> Option<JobRun> {
        self.jobs.claim(job, due, LEASE, now).await.unwrap()
    }

    /// A run of `job` that nobody holds.
    pub(crate) async fn begin(&self, job: Job, now: Timestamp) -> JobRun {
        self.claim(job, Due::Now, now).await.unwrap()
    }

    /// Records the end of the run that is the latest.
    pub(crate) async fn finish(&self, run: &JobRun, outcome: JobOutcome, now: Timestamp) {
        assert_eq!(self.jobs.finish(run, &outcome, now).await, Ok(true));
    }
}
