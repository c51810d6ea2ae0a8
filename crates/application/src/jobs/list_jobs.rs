//! Use case: what is known of each job.

use crate::jobs::job::Job;
use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::jobs::{JobRecord, Jobs};
use gatewright_domain::Timestamp;
use std::sync::Arc;

/// Lists jobs.
#[derive(Clone)]
pub struct ListJobs {
    /// Their records.
    pub jobs: Arc<dyn Jobs>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobStatus {
    /// Which.
    pub job: Job,
    /// What is recorded of it; `None`: it never ran.
    pub record: Option<JobRecord>,
    /// Whether somebody runs it now.
    pub running: bool,
    /// When it is to run next, or was to run.
    pub due_at: Timestamp,
    /// Whether that moment has come.
    pub is_due: bool,
}

impl ListJobs {
    /// Every job, in the order of [`Job::ALL`].
    ///
    /// # Errors
    /// [`PortError`] where the records cannot be read.
    pub async fn execute(&self) -> Result<Vec<JobStatus>, PortError> {
        let now = self.clock.now();
        let records = self.jobs.records().await?;
        let of = |job: Job| records.iter().find(|record| record.job == job).cloned();
        Ok(Job::ALL.map(|job| status(job, of(job), now)).into())
    }
}

fn status(job: Job, record: Option<JobRecord>, now: Timestamp) -> JobStatus {
    let window = job.window_of(now);
    let last_finished = record.as_ref().and_then(|record| record.last_finished.as_ref());
    let ran = last_finished.is_some_and(|run| run.started_at >= window);
    let leased_until = record.as_ref().and_then(|record| record.leased_until);
    JobStatus {
        job,
        running: leased_until.is_some_and(|until| now < until),
        due_at: if ran { window + job.interval() } else { window },
        is_due: !ran,
        record,
    }
}
