//! Use case: run a job under its lease.

use crate::jobs::held_run::{HeldRun, Interruption, LEASE};
use crate::jobs::job::Job;
use crate::jobs::remove_expired::RemoveExpired;
use crate::jobs::rotate_signing_keys::RotateSigningKeys;
use crate::operations::traces;
use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::expired_rows::Expired;
use crate::ports::job_pace::JobPace;
use crate::ports::jobs::{Due, JobOutcome, JobRun, Jobs};
use crate::ports::measurements::Measurements;
use gatewright_domain::Duration;
use std::sync::Arc;
use tracing::Instrument;

/// Why a job is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// It may be time: it runs once in its interval.
    Schedule,
    /// Somebody asked for it.
    Request,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunJobOutcome {
    /// It ran to its end.
    Finished(JobOutcome),
    /// It was not this caller's to run: another holds it, or it is not time.
    NotGranted,
    /// It was stopped on the way and given back; the next run goes on.
    Stopped,
    /// Its lease was lost on the way, and another run goes on.
    Superseded,
}

/// Runs jobs: takes the lease, does the work in batches, records what came of it.
#[derive(Clone)]
pub struct RunJob {
    /// Leases and records.
    pub jobs: Arc<dyn Jobs>,
    /// The work of most.
    pub remove_expired: RemoveExpired,
    /// The work of one.
    pub rotate_signing_keys: RotateSigningKeys,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Takes note.
    pub measurements: Arc<dyn Measurements>,
}

impl RunJob {
    /// Runs `job` where it can be had, and keeps to `pace`.
    ///
    /// # Errors
    /// [`PortError`] where the lease or the record of its end cannot be written. A run that failed itself is a
    /// [`JobOutcome::Failed`].
    pub async fn execute(&self, job: Job, occasion: Occasion, pace: &dyn JobPace) -> Result<RunJobOutcome, PortError> {
        let now = self.clock.now();
        let due = match occasion {
            Occasion::Schedule => Due::OnceSince(job.window_of(now)),
            Occasion::Request => Due::Now,
        };
        let Some(run) = self.jobs.claim(job, due, LEASE, now).await? else {
            return Ok(RunJobOutcome::NotGranted);
        };
        let mut held = HeldRun::new(run, &*self.jobs, &*self.clock, pace);
        let span = tracing::info_span!(target: traces::TARGET, "job", otel.name = job.as_str());
        let outcome = match self.work(&mut held).instrument(span).await {
            Ok(outcome) => outcome,
            Err(Interruption::Failed(error)) => JobOutcome::Failed(error.to_string()),
            Err(Interruption::Superseded) => return Ok(superseded(job)),
            Err(Interruption::Stopped) => return self.give_back(&run).await,
        };
        self.finish(&run, outcome).await
    }

    async fn work(&self, held: &mut HeldRun<'_>) -> Result<JobOutcome, Interruption> {
        let kinds: &[Expired] = match held.run().job {
            Job::RotateSigningKeys => return Ok(self.rotate_signing_keys.execute(held.run().started_at).await?),
            Job::RemoveIdleSessions => {
                self.remove_expired.sweep_idle_sessions(held).await?;
                return Ok(JobOutcome::Done(held.handled()));
            }
            Job::RemoveExpiredRegistrations => &[Expired::Registrations],
            Job::RemoveExpiredChallenges => &[Expired::Challenges, Expired::AttemptCounters],
            Job::RemoveEndedSessions => &[Expired::EndedSessions, Expired::OutlivedSessions],
            Job::RemoveOldMails => &[Expired::SentMails, Expired::ParkedMails],
            Job::RemoveOldAuditEvents => &[Expired::AuditEvents],
        };
        self.remove_expired.execute(kinds, held).await?;
        Ok(JobOutcome::Done(held.handled()))
    }

    async fn finish(&self, run: &JobRun, outcome: JobOutcome) -> Result<RunJobOutcome, PortError> {
        let now = self.clock.now();
        let took = now - run.started_at;
        tell(run.job, &outcome, took);
        if !self.jobs.finish(run, &outcome, now).await? {
            return Ok(superseded(run.job));
        }
        let succeeded = !matches!(outcome, JobOutcome::Failed(_));
        self.measurements.job_finished(run.job, succeeded, took.unsigned_abs());
        Ok(RunJobOutcome::Finished(outcome))
    }

    /// Lets another process go on at once.
    async fn give_back(&self, run: &JobRun) -> Result<RunJobOutcome, PortError> {
        self.jobs.renew(run, Duration::ZERO, self.clock.now()).await?;
        tracing::info!(job = run.job.as_str(), "a job was stopped on its way");
        Ok(RunJobOutcome::Stopped)
    }
}

fn tell(job: Job, outcome: &JobOutcome, took: Duration) {
    let (job, took_seconds) = (job.as_str(), took.as_seconds_f64());
    match outcome {
        JobOutcome::Done(0) => tracing::debug!(job, took_seconds, "a job found nothing to do"),
        JobOutcome::Done(handled) => tracing::info!(job, handled, took_seconds, "a job is done"),
        JobOutcome::Skipped(reason) => tracing::debug!(job, reason, "a job can do nothing here"),
        JobOutcome::Failed(reason) => tracing::warn!(job, reason, took_seconds, "a job failed"),
    }
}

fn superseded(job: Job) -> RunJobOutcome {
    tracing::warn!(job = job.as_str(), "a job lost its lease; another run goes on");
    RunJobOutcome::Superseded
}
