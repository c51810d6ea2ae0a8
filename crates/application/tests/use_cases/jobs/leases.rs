//! Once in an interval, one at a time, and never by a run that lost its lease.

use super::{Between, handled, now, run, status, without_a_rest};
use crate::world::World;
use async_trait::async_trait;
use gatewright_application::audit::{AuditEvent, AuditEventType};
use gatewright_application::jobs::job::Job;
use gatewright_application::jobs::remove_expired::BATCH;
use gatewright_application::jobs::run_job::{Occasion, RunJob, RunJobOutcome};
use gatewright_application::ports::change::{Change, Changes};
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::expired_rows::{Expired, ExpiredRows, Removal, SessionSweep};
use gatewright_application::ports::job_pace::{JobPace, JobProgress};
use gatewright_application::ports::jobs::{Due, JobOutcome, JobRun, Jobs};
use gatewright_application::ports::measurements::{AnsweredRequest, MailResult, Measurements, SignInOutcome};
use gatewright_domain::session::session::SessionId;
use gatewright_domain::{Duration, Timestamp};
use gatewright_fakes::manual_clock::ManualClock;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

const JOB: Job = Job::RemoveOldAuditEvents;
const FIVE_BATCHES: u32 = 4 * BATCH + 1;

/// A world with so many audit events that can go.
async fn with_old_events(count: u32) -> World {
    let world = World::new();
    let event = |number| {
        Change::Audit(AuditEvent {
            id: Uuid::from_u128(number),
            ..audit_event(&world)
        })
    };
    let events = (0..count.into()).map(event).collect();
    world.store.apply(events).await.unwrap();
    world.advance(Duration::days(500));
    world
}

fn audit_event(world: &World) -> AuditEvent {
    AuditEvent {
        id: Uuid::nil(),
        at: now(world),
        event_type: AuditEventType::LoginFailed,
        actor: None,
        subject: None,
        session: None,
        address: None,
        request_id: "request".to_owned(),
        reason: None,
    }
}

#[tokio::test]
async fn a_job_runs_once_in_its_interval() {
    let world = World::new();
    for _ in 0..3 {
        let outcome = run(&world, JOB, Occasion::Schedule).await;
        assert!(matches!(outcome, RunJobOutcome::Finished(_)), "{outcome:?}");
        for _ in 0..3 {
            assert_eq!(run(&world, JOB, Occasion::Schedule).await, RunJobOutcome::NotGranted);
        }
        world.advance(JOB.interval());
    }
}

#[tokio::test]
async fn whoever_asks_for_a_job_gets_it_although_it_ran() {
    let world = World::new();
    run(&world, JOB, Occasion::Schedule).await;
    assert_eq!(handled(&world, JOB).await, 0);
}

#[tokio::test]
async fn a_run_works_in_batches_and_tells_how_far_it_is() {
    let world = with_old_events(FIVE_BATCHES).await;
    let seen = Mutex::new(Vec::new());
    let clock = Arc::clone(&world.clock);
    let pace = Between(|progress: JobProgress| {
        clock.advance(Duration::SECOND);
        seen.lock().unwrap().push(progress.handled);
        ControlFlow::Continue(())
    });
    let outcome = world.application.run_job.execute(JOB, Occasion::Schedule, &pace).await;
    let all = u64::from(FIVE_BATCHES);
    assert_eq!(outcome, Ok(RunJobOutcome::Finished(JobOutcome::Done(all))));
    let batch = u64::from(BATCH);
    assert_eq!(*seen.lock().unwrap(), [1, 2, 3, 4].map(|batches| batches * batch));
}

#[tokio::test]
async fn a_long_run_keeps_its_lease() {
    let world = with_old_events(FIVE_BATCHES).await;
    let (clock, store) = (Arc::clone(&world.clock), Arc::clone(&world.store));
    let pace = Between(|_| {
        clock.advance(Duration::seconds(40));
        ControlFlow::Continue(())
    });
    let outcome = world.application.run_job.execute(JOB, Occasion::Schedule, &pace).await;
    assert!(matches!(outcome, Ok(RunJobOutcome::Finished(_))), "{outcome:?}");
    assert_eq!(store.audit_trail(), []);
}

#[tokio::test]
async fn a_run_that_is_stopped_gives_its_job_back_and_the_next_goes_on() {
    let world = with_old_events(FIVE_BATCHES).await;
    let pace = Between(|_| ControlFlow::Break(()));
    let outcome = world.application.run_job.execute(JOB, Occasion::Schedule, &pace).await;
    assert_eq!(outcome, Ok(RunJobOutcome::Stopped));
    assert_eq!(status(&world, JOB).await.record.unwrap().last_finished, None);
    let rest = u64::from(FIVE_BATCHES - BATCH);
    let outcome = run(&world, JOB, Occasion::Schedule).await;
    assert_eq!(outcome, RunJobOutcome::Finished(JobOutcome::Done(rest)));
}

#[tokio::test]
async fn a_paused_run_that_wakes_up_removes_and_records_nothing() {
    let world = with_old_events(FIVE_BATCHES).await;
    let paused = world.application.run_job.clone();
    let (clock, store) = (Arc::clone(&world.clock), Arc::clone(&world.store));
    let pace = OtherRunMeanwhile {
        jobs: store.clone(),
        clock,
    };
    let outcome = paused.execute(JOB, Occasion::Schedule, &pace).await;
    assert_eq!(outcome, Ok(RunJobOutcome::Superseded));
    assert_eq!(store.audit_trail().len(), (FIVE_BATCHES - BATCH) as usize);
    let status = status(&world, JOB).await;
    assert!(status.running, "the other run");
    assert_eq!(status.record.unwrap().last_finished, None);
}

/// Pauses for longer than any lease, while somebody else begins.
struct OtherRunMeanwhile {
    jobs: Arc<dyn Jobs>,
    clock: Arc<ManualClock>,
}

#[async_trait]
impl JobPace for OtherRunMeanwhile {
    async fn rest(&self, _: JobProgress) -> ControlFlow<()> {
        self.clock.advance(Duration::minutes(10));
        let claimed = self.jobs.claim(JOB, Due::Now, Duration::minutes(1), self.clock.now());
        assert!(claimed.await.unwrap().is_some());
        ControlFlow::Continue(())
    }
}

#[tokio::test]
async fn a_job_whose_holder_died_is_taken_over_after_its_lease() {
    let world = with_old_events(1).await;
    let killed = world
        .store
        .claim(JOB, Due::Now, Duration::minutes(1), now(&world))
        .await;
    assert!(killed.unwrap().is_some());
    assert_eq!(run(&world, JOB, Occasion::Schedule).await, RunJobOutcome::NotGranted);
    world.advance(Duration::minutes(1));
    let outcome = run(&world, JOB, Occasion::Schedule).await;
    assert_eq!(outcome, RunJobOutcome::Finished(JobOutcome::Done(1)));
}

#[tokio::test]
async fn a_run_that_fails_says_why_and_is_tried_again_in_the_next_interval() {
    let world = World::new();
    let measured = Arc::<Measured>::default();
    let mut run_job = world.application.run_job.clone();
    run_job.remove_expired.expired_rows = Arc::new(Unreachable);
    run_job.measurements = measured.clone();
    let failed = JobOutcome::Failed("database is unavailable: gone fishing".to_owned());
    assert_eq!(scheduled(&run_job).await, RunJobOutcome::Finished(failed.clone()));
    let record = status(&world, JOB).await.record.unwrap();
    assert_eq!(record.last_finished.unwrap().outcome, failed);

    run_job.remove_expired = world.application.run_job.remove_expired.clone();
    assert_eq!(scheduled(&run_job).await, RunJobOutcome::NotGranted);
    world.advance(JOB.interval());
    assert_eq!(scheduled(&run_job).await, RunJobOutcome::Finished(JobOutcome::Done(0)));
    assert_eq!(*measured.0.lock().unwrap(), [(JOB, false), (JOB, true)]);
}

async fn scheduled(run_job: &RunJob) -> RunJobOutcome {
    let pace = Between(without_a_rest);
    run_job.execute(JOB, Occasion::Schedule, &pace).await.unwrap()
}

/// A database that went away after the job was claimed.
struct Unreachable;

#[async_trait]
impl ExpiredRows for Unreachable {
    async fn remove(&self, _: &JobRun, _: Expired, _: Timestamp, _: u32) -> Result<Removal, PortError> {
        Err(PortError::Unavailable {
            dependency: "database",
            reason: "gone fishing".to_owned(),
        })
    }

    async fn sweep_idle_sessions(
        &self,
        _: &JobRun,
        _: Option<SessionId>,
        _: Timestamp,
        _: u32,
    ) -> Result<SessionSweep, PortError> {
        unreachable!("the job of these tests looks at no session")
    }
}

/// Whether each run succeeded.
#[derive(Default)]
struct Measured(Mutex<Vec<(Job, bool)>>);

impl Measurements for Measured {
    fn request_answered(&self, _: AnsweredRequest<'_>) {}
    fn sign_in(&self, _: SignInOutcome) {}
    fn password_hashed(&self, _: std::time::Duration, _: std::time::Duration) {}
    fn mail(&self, _: MailResult) {}
    fn job_finished(&self, job: Job, succeeded: bool, _: std::time::Duration) {
        self.0.lock().unwrap().push((job, succeeded));
    }
}
