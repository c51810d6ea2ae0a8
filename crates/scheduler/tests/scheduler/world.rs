//! A store that several schedulers share, and what can go wrong with it.

use async_trait::async_trait;
use gatewright_application::jobs::job::Job;
use gatewright_application::jobs::remove_expired::RemoveExpired;
use gatewright_application::jobs::retention::RetentionPolicy;
use gatewright_application::jobs::rotate_signing_keys::RotateSigningKeys;
use gatewright_application::jobs::run_job::RunJob;
use gatewright_application::mail::dispatch_mail::DispatchMail;
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::expired_rows::{Expired, ExpiredRows, Removal, SessionSweep};
use gatewright_application::ports::jobs::{FinishedRun, JobRun, Jobs};
use gatewright_application::ports::measurements::Unmeasured;
use gatewright_domain::account::challenge::ChallengePolicy;
use gatewright_domain::session::session::SessionId;
use gatewright_domain::{Duration, Timestamp};
use gatewright_fakes::dated_keys::DatedKeys;
use gatewright_fakes::manual_clock::ManualClock;
use gatewright_fakes::memory_store::MemoryStore;
use gatewright_fakes::plain_renderer::PlainRenderer;
use gatewright_fakes::plain_sealer::PlainSealer;
use gatewright_fakes::recording_transport::RecordingTransport;
use gatewright_fakes::scripted_secrets::ScriptedSecrets;
use gatewright_scheduler::{MailSignal, Scheduler, SchedulerOptions, Work};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::time::{sleep, timeout};

/// What every process sees.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    /// The time of the leases. It stands still until it is moved.
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) transport: Arc<RecordingTransport>,
    pub(crate) rows: Arc<CountedRows>,
    keys: Arc<DatedKeys>,
    secrets: Arc<ScriptedSecrets>,
}

impl World {
    pub(crate) fn new() -> Self {
        let (store, clock) = (Arc::<MemoryStore>::default(), Arc::<ManualClock>::default());
        Self {
            rows: Arc::new(CountedRows::over(store.clone())),
            keys: Arc::new(DatedKeys::made_at(clock.now())),
            secrets: Arc::default(),
            transport: Arc::default(),
            store,
            clock,
        }
    }

    /// What one process does.
    pub(crate) fn work(&self) -> Work {
        self.work_with(self.rows.clone())
    }

    /// What a process does whose batches go through `rows`.
    pub(crate) fn work_with(&self, expired_rows: Arc<dyn ExpiredRows>) -> Work {
        Work {
            run_job: RunJob {
                jobs: self.store.clone(),
                remove_expired: RemoveExpired {
                    expired_rows,
                    retention: RetentionPolicy::default(),
                    challenges: ChallengePolicy::default(),
                },
                rotate_signing_keys: RotateSigningKeys {
                    keys: self.keys.clone(),
                    max_age: Some(Duration::days(90)),
                },
                clock: self.clock.clone(),
                measurements: Arc::new(Unmeasured),
            },
            dispatch_mail: DispatchMail {
                outbox: self.store.clone(),
                sealer: Arc::new(PlainSealer::default()),
                renderer: Arc::new(PlainRenderer),
                transport: self.transport.clone(),
                clock: self.clock.clone(),
                secrets: self.secrets.clone(),
                measurements: Arc::new(Unmeasured),
            },
            mail_signal: Arc::new(MailSignal::default()),
            sends_alone: false,
        }
    }

    pub(crate) fn start(&self) -> Scheduler {
        Scheduler::start(self.work(), SchedulerOptions::default())
    }

    /// The last run of `job` that ended.
    pub(crate) async fn last_finished(&self, job: Job) -> Option<FinishedRun> {
        let records = self.store.records().await.unwrap();
        let record = records.into_iter().find(|record| record.job == job)?;
        record.last_finished
    }

    /// Waits until every job has run to its end since the time that the clock shows.
    pub(crate) async fn until_every_job_has_run(&self) {
        let now = self.clock.now();
        for job in Job::ALL {
            until(async || self.last_finished(job).await.is_some_and(|run| run.started_at >= now)).await;
        }
    }
}

/// Asks until the answer is yes.
pub(crate) async fn until(mut asked: impl AsyncFnMut() -> bool) {
    let patience = std::time::Duration::from_hours(24);
    let answered = async {
        while !asked().await {
            sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    timeout(patience, answered).await.unwrap();
}

/// Counts the runs that got as far as to a batch, by their fences.
pub(crate) struct CountedRows {
    store: Arc<MemoryStore>,
    audit_batches: AtomicU32,
}

impl CountedRows {
    fn over(store: Arc<MemoryStore>) -> Self {
        Self {
            store,
            audit_batches: AtomicU32::new(0),
        }
    }

    /// Batches of audit events asked for; one a run where there is little to remove.
    pub(crate) fn audit_batches(&self) -> u32 {
        self.audit_batches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl ExpiredRows for CountedRows {
    async fn remove(&self, run: &JobRun, what: Expired, before: Timestamp, limit: u32) -> Result<Removal, PortError> {
        if what == Expired::AuditEvents {
            self.audit_batches.fetch_add(1, Ordering::SeqCst);
        }
        self.store.remove(run, what, before, limit).await
    }

    async fn sweep_idle_sessions(
        &self,
        run: &JobRun,
        after: Option<SessionId>,
        before: Timestamp,
        limit: u32,
    ) -> Result<SessionSweep, PortError> {
        self.store.sweep_idle_sessions(run, after, before, limit).await
    }
}
