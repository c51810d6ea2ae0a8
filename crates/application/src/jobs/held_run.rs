//! A run under way, and the lease that it has to keep.

use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::job_pace::{JobPace, JobProgress};
use crate::ports::jobs::{JobRun, Jobs};
use gatewright_domain::{Duration, Timestamp};

/// How long a run is held without a sign of life; a process that dies gives its job back after that.
pub(super) const LEASE: Duration = Duration::minutes(1);
/// When it is held for longer: early enough for several tries.
const RENEW_AFTER: Duration = Duration::seconds(15);

/// A run under way.
pub(super) struct HeldRun<'a> {
    run: JobRun,
    jobs: &'a dyn Jobs,
    clock: &'a dyn Clock,
    pace: &'a dyn JobPace,
    handled: u64,
    renewed_at: Timestamp,
    batch_began_at: Timestamp,
}

/// Why a run does not come to its end.
#[derive(Debug)]
pub(super) enum Interruption {
    /// Whoever drives it wants it to stop.
    Stopped,
    /// Its lease is lost: a later run has begun, or may at any moment.
    Superseded,
    /// Something failed.
    Failed(PortError),
}

impl From<PortError> for Interruption {
    fn from(error: PortError) -> Self {
        Self::Failed(error)
    }
}

impl<'a> HeldRun<'a> {
    /// A run that was claimed a moment ago.
    pub(super) fn new(run: JobRun, jobs: &'a dyn Jobs, clock: &'a dyn Clock, pace: &'a dyn JobPace) -> Self {
        Self {
            run,
            jobs,
            clock,
            pace,
            handled: 0,
            renewed_at: run.started_at,
            batch_began_at: run.started_at,
        }
    }

    /// What every batch carries along.
    pub(super) fn run(&self) -> &JobRun {
        &self.run
    }

    /// Things done so far.
    pub(super) fn handled(&self) -> u64 {
        self.handled
    }

    /// Takes note of a batch.
    pub(super) fn did(&mut self, count: u32) {
        self.handled += u64::from(count);
    }

    /// Rests before the next batch, and holds the lease for longer where it is time.
    pub(super) async fn rest(&mut self) -> Result<(), Interruption> {
        let progress = JobProgress {
            job: self.run.job,
            handled: self.handled,
            last_batch: self.clock.now() - self.batch_began_at,
        };
        if self.pace.rest(progress).await.is_break() {
            return Err(Interruption::Stopped);
        }
        let now = self.clock.now();
        // A clock that was set back must not put the renewal off.
        if (now - self.renewed_at).abs() >= RENEW_AFTER {
            if !self.jobs.renew(&self.run, LEASE, now).await? {
                return Err(Interruption::Superseded);
            }
            self.renewed_at = now;
        }
        self.batch_began_at = now;
        Ok(())
    }
}
