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
    /// Unless a run that began at or after that time has finished, however it ended.
    OnceSince(Timestamp),
    /// In any case; somebody asked for it.
    Now,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobOutcome {
    /// It did what there was to do: how many things.
    Done(u64),
    /// There is nothing that it could do here; why.
    Skipped(String),
    /// It did not work out; why, without secrets.
    Failed(String),
}

/// A run that came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedRun {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How.
    pub outcome: JobOutcome,
}

/// What is known of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRecord {
    /// Which.
    pub job: Job,
    /// When the last run began, whatever became of it.
    pub last_started_at: Timestamp,
    /// The last run that came to its end.
    pub last_finished: Option<FinishedRun>,
    /// Until when somebody holds it, if nobody gave it back.
    pub leased_until: Option<Timestamp>,
}

/// Leases of jobs, and their records.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Takes the job for `lease`, in one atomic step. `None` where somebody holds it, or where it is not due. MUST grant it to one of
    /// any number of simultaneous callers; MUST grant it again, under a higher fence, once a lease ran out without an end; MUST NOT
    /// grant it for [`Due::OnceSince`] some time once a run that began at or after that time has finished. What was written by a clock
    /// more than `lease` ahead of `now`, which was wrong then, MUST hold nobody off.
    async fn claim(&self, job: Job, due: Due, lease: Duration, now: Timestamp) -> Result<Option<JobRun>, PortError>;

    /// Holds it until `now + lease`; a `lease` of zero gives it back, unfinished. `false`, and nothing changes, where the run is no
    /// longer the latest, has finished, or its lease ran out.
    async fn renew(&self, run: &JobRun, lease: Duration, now: Timestamp) -> Result<bool, PortError>;

    /// Records the end and gives the lease back. `false`, and nothing changes, where a later run has begun.
    async fn finish(&self, run: &JobRun, outcome: &JobOutcome, now: Timestamp) -> Result<bool, PortError>;

    /// Every job of this version that was ever run, in no particular order.
    async fn records(&self) -> Result<Vec<JobRecord>, PortError>;
}
