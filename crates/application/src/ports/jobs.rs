//! Periodic work that any number of processes share: who runs what now, and what became of it.

use crate::jobs::job::Job;
use crate::ports::error::PortError;
use async_trait::async_trait;
use gatewright_domain::{Duration, Timestamp};

/// Tells one run of a job from every other: each run's is higher than those before. What a job writes carries it along, and is refused
/// where a later run has begun: a process that was paused and wakes up after its lease has nothing to say any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub i64);

/// The right to run a job now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobRun {
    /// Which.
    pub job: Job,
    /// Which run of it.
    pub fence: Fence,
    /// Since when.
    pub started_at: Timestamp,
}

/// When a run is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Unless one was begun since then and came to its end.
    OnceSince(Timestamp),
    /// In any case; somebody asked for it.
    Now,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobOutcome {
    /// It did what there was to do: how many things.
    Done(u64),
    /// It did not; why, without secrets.
    Failed(String),
}

/// What is known of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// Which.
    pub job: Job,
    /// When the last run began.
    pub last_started_at: Option<Timestamp>,
    /// When the last finished run ended, and how.
    pub last_finished: Option<(Timestamp, JobOutcome)>,
    /// Until when somebody holds it.
    pub leased_until: Option<Timestamp>,
}

/// Leases of jobs, and their records.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Takes the job for `lease`, in one conditional statement. `None` where somebody holds it, or where it is not due. MUST grant it
    /// to one of any number of simultaneous callers; MUST grant it again, under a higher fence, once a lease ran out
    /// without an end; MUST NOT be granted by a later `Due::OnceSince` of the same time once a run that began after that time has finished.
    async fn claim(&self, job: Job, due: Due, lease: Duration, now: Timestamp) -> Result<Option<JobRun>, PortError>;

    /// Holds it until `now + lease`. `false`, and nothing changes, where the run is no longer the latest or its lease ran out.
    async fn renew(&self, run: &JobRun, lease: Duration, now: Timestamp) -> Result<bool, PortError>;

    /// Records the end and gives the lease back. `false`, and nothing changes, where a later run has begun.
    async fn finish(&self, run: &JobRun, outcome: &JobOutcome, now: Timestamp) -> Result<bool, PortError>;

    /// Every job that was ever run.
    async fn records(&self) -> Result<Vec<JobRecord>, PortError>;
}
