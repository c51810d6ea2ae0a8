//! Jobs as several processes run them on one store: the use case over [`Jobs`](gatewright_application::ports::jobs::Jobs) and
//! [`ExpiredRows`](gatewright_application::ports::expired_rows::ExpiredRows) together.

use crate::maintenance_storage::{LEASE, MaintenanceStorage};
use crate::race::all_at_once;
use crate::running::on_fresh;
use crate::samples::{NOON, audit_event};
use async_trait::async_trait;
use gatewright_application::audit::AuditEvent;
use gatewright_application::jobs::job::Job;
use gatewright_application::jobs::remove_expired::{BATCH, RemoveExpired};
use gatewright_application::jobs::retention::RetentionPolicy;
use gatewright_application::jobs::rotate_signing_keys::RotateSigningKeys;
use gatewright_application::jobs::run_job::{Occasion, RunJob, RunJobOutcome};
use gatewright_application::ports::change::Change;
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::job_pace::{JobPace, JobProgress};
use gatewright_application::ports::jobs::JobOutcome;
use gatewright_application::ports::measurements::Unmeasured;
use gatewright_application::ports::signing_key_rotation::{KeyRotation, SigningKeyRotation};
use gatewright_domain::account::challenge::ChallengePolicy;
use gatewright_domain::{Duration, Timestamp};
use std::future::pending;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// The one that the samples give something to do.
const JOB: Job = Job::RemoveOldAuditEvents;
const EVENTS: u32 = 2 * BATCH + 1;

/// Three processes on one store: the ports of each, over connections of its own.
pub type Processes = [MaintenanceStorage; 3];

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Processes>,
{
    on_fresh(&factory, each_job_runs_once_in_each_interval).await;
    on_fresh(&factory, a_paused_process_that_wakes_up_removes_and_records_nothing).await;
    on_fresh(&factory, the_job_of_a_killed_process_is_taken_over_after_its_lease).await;
}

async fn each_job_runs_once_in_each_interval(processes: Processes) {
    let clock = Arc::new(SetClock::default());
    let running: Vec<RunJob> = processes.iter().map(|process| run_job(process, &clock)).collect();
    for _ in 0..4 {
        let mut finished = Vec::new();
        for _ in 0..3 {
            let round = all_at_once(3 * Job::ALL.len(), |number| {
                let (run_job, job) = (running[number % 3].clone(), Job::ALL[number / 3]);
                async move {
                    let outcome = run_job.execute(job, Occasion::Schedule, &Undisturbed).await;
                    (job, outcome.unwrap())
                }
            });
            finished.extend(round.await.into_iter().filter_map(|(job, outcome)| match outcome {
                RunJobOutcome::Finished(JobOutcome::Done(0)) => Some(job),
                RunJobOutcome::NotGranted => None,
                other => panic!("{job:?}: {other:?}"),
            }));
        }
        finished.sort_unstable();
        assert_eq!(finished, Job::ALL);
        clock.advance(Duration::days(1));
    }
}

async fn a_paused_process_that_wakes_up_removes_and_records_nothing(processes: Processes) {
    let clock = Arc::new(SetClock::default());
    let [one, other, _] = &processes;
    given_old_events(one, &clock).await;
    let paused = Arc::new(Paused::default());
    let pausing = tokio::spawn({
        let (run_job, paused) = (run_job(one, &clock), Arc::clone(&paused));
        async move { run_job.execute(JOB, Occasion::Schedule, &*paused).await }
    });
    paused.begins.notified().await;
    clock.advance(LEASE);
    let heir = run_job(other, &clock);
    let outcome = heir.execute(JOB, Occasion::Schedule, &Undisturbed).await;
    let rest = u64::from(EVENTS - BATCH);
    assert_eq!(outcome, Ok(RunJobOutcome::Finished(JobOutcome::Done(rest))));
    let recorded = one.jobs.records().await.unwrap();

    // Something to remove has come since.
    given_old_events(one, &clock).await;
    paused.ends.notify_one();
    assert_eq!(pausing.await.unwrap(), Ok(RunJobOutcome::Superseded));
    assert_eq!(one.jobs.records().await.unwrap(), recorded);
    for number in 1..=EVENTS {
        let event = old_event(number, &clock);
        assert!(one.storage.inspection.holds_audit_event(&event).await, "{number}");
    }
}

async fn the_job_of_a_killed_process_is_taken_over_after_its_lease(processes: Processes) {
    let clock = Arc::new(SetClock::default());
    let [one, other, _] = &processes;
    given_old_events(one, &clock).await;
    let paused = Arc::new(Paused::default());
    let killed = tokio::spawn({
        let (run_job, paused) = (run_job(one, &clock), Arc::clone(&paused));
        async move {
            let _ = run_job.execute(JOB, Occasion::Schedule, &*paused).await;
            pending::<()>().await;
        }
    });
    paused.begins.notified().await;
    killed.abort();
    let _ = killed.await;
    let heir = run_job(other, &clock);
    let early = heir.execute(JOB, Occasion::Schedule, &Undisturbed).await;
    assert_eq!(early, Ok(RunJobOutcome::NotGranted));
    clock.advance(LEASE);
    let rest = u64::from(EVENTS - BATCH);
    let late = heir.execute(JOB, Occasion::Schedule, &Undisturbed).await;
    assert_eq!(late, Ok(RunJobOutcome::Finished(JobOutcome::Done(rest))));
}

fn run_job(process: &MaintenanceStorage, clock: &Arc<SetClock>) -> RunJob {
    RunJob {
        jobs: process.jobs.clone(),
        remove_expired: RemoveExpired {
            expired_rows: process.expired_rows.clone(),
            retention: RetentionPolicy::default(),
            challenges: ChallengePolicy::default(),
        },
        rotate_signing_keys: RotateSigningKeys {
            keys: Arc::new(YoungKeys),
            max_age: Some(Duration::days(90)),
        },
        clock: clock.clone(),
        measurements: Arc::new(Unmeasured),
    }
}

async fn given_old_events(process: &MaintenanceStorage, clock: &SetClock) {
    let events: Vec<Change> = (1..=EVENTS)
        .map(|number| Change::Audit(old_event(number, clock)))
        .collect();
    process.storage.given(events).await;
}

/// An event that is beyond its retention.
fn old_event(number: u32, clock: &SetClock) -> AuditEvent {
    let kept = RetentionPolicy::default().audit_events;
    AuditEvent {
        at: clock.now() - kept,
        ..audit_event(number)
    }
}

/// Shows noon until it is moved on.
struct SetClock(Mutex<Timestamp>);

impl SetClock {
    fn advance(&self, span: Duration) {
        *self.0.lock().unwrap() += span;
    }
}

impl Default for SetClock {
    fn default() -> Self {
        Self(Mutex::new(NOON))
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Undisturbed;

#[async_trait]
impl JobPace for Undisturbed {
    async fn rest(&self, _: JobProgress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Stands still after the first batch until it is told to go on.
#[derive(Default)]
struct Paused {
    begins: Notify,
    ends: Notify,
}

#[async_trait]
impl JobPace for Paused {
    async fn rest(&self, _: JobProgress) -> ControlFlow<()> {
        self.begins.notify_one();
        self.ends.notified().await;
        ControlFlow::Continue(())
    }
}

/// Keys that need not be replaced.
struct YoungKeys;

#[async_trait]
impl SigningKeyRotation for YoungKeys {
    async fn rotate(&self, _: Duration, _: Duration, _: Timestamp) -> Result<KeyRotation, PortError> {
        Ok(KeyRotation::NotYet)
    }
}
