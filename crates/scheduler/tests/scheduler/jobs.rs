//! Jobs: once in a window, and by somebody else where their holder fell.

use crate::world::{World, until};
use async_trait::async_trait;
use gatewright_application::audit::{AuditEvent, AuditEventType};
use gatewright_application::jobs::job::Job;
use gatewright_application::ports::change::{Change, Changes};
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::expired_rows::{Expired, ExpiredRows, Removal, SessionSweep};
use gatewright_application::ports::jobs::{JobOutcome, JobRun};
use gatewright_domain::session::session::SessionId;
use gatewright_domain::{Duration, Timestamp};
use gatewright_fakes::memory_store::MemoryStore;
use gatewright_scheduler::{Scheduler, SchedulerOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;
use tokio::time::sleep;

const JOB: Job = Job::RemoveOldAuditEvents;

#[tokio::test(start_paused = true)]
async fn f16_of_three_schedulers_one_runs_a_job_in_each_window() {
    let world = World::new();
    let schedulers: Vec<Scheduler> = (0..3).map(|_| world.start()).collect();
    for windows in 1..=4 {
        world.until_every_job_has_run().await;
        // Everybody has looked several times since.
        sleep(std::time::Duration::from_mins(10)).await;
        assert_eq!(world.rows.audit_batches(), windows);
        world.clock.advance(Duration::days(1));
    }
    for scheduler in schedulers {
        scheduler.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_panics_ends_neither_the_scheduler_nor_the_job() {
    let world = World::new();
    let rows = Arc::new(PanicsOnce {
        store: world.store.clone(),
        panicked: AtomicBool::new(false),
    });
    let scheduler = Scheduler::start(world.work_with(rows.clone()), SchedulerOptions::default());
    until(async || rows.panicked.load(Ordering::SeqCst)).await;
    for job in Job::ALL.into_iter().filter(|job| *job != JOB) {
        until(async || world.last_finished(job).await.is_some()).await;
    }
    assert_eq!(world.last_finished(JOB).await, None);
    // Its lease runs out.
    world.clock.advance(Duration::minutes(1));
    until(async || world.last_finished(JOB).await.is_some()).await;
    scheduler.stop().await;
}

/// Panics at the first batch of audit events.
struct PanicsOnce {
    store: Arc<MemoryStore>,
    panicked: AtomicBool,
}

#[async_trait]
impl ExpiredRows for PanicsOnce {
    async fn remove(&self, run: &JobRun, what: Expired, before: Timestamp, limit: u32) -> Result<Removal, PortError> {
        let first = what == Expired::AuditEvents && !self.panicked.swap(true, Ordering::SeqCst);
        assert!(!first, "a fault that this test is about");
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

#[tokio::test(start_paused = true)]
async fn a_slow_job_holds_up_no_other() {
    let world = World::new();
    let slow = Arc::new(Slow::over(world.store.clone()));
    let scheduler = Scheduler::start(world.work_with(slow.clone()), SchedulerOptions::default());
    for job in Job::ALL.into_iter().filter(|job| *job != JOB) {
        until(async || world.last_finished(job).await.is_some()).await;
    }
    assert!(slow.is_waiting.load(Ordering::SeqCst));
    slow.go_on.notify_one();
    until(async || world.last_finished(JOB).await.is_some()).await;
    scheduler.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_killed_scheduler_gives_its_job_to_another_after_its_lease() {
    let world = World::new();
    let slow = Arc::new(Slow::over(world.store.clone()));
    let killed = Scheduler::start(world.work_with(slow.clone()), SchedulerOptions::default());
    until(async || slow.is_waiting.load(Ordering::SeqCst)).await;
    drop(killed);
    let heir = world.start();
    sleep(std::time::Duration::from_mins(10)).await;
    assert_eq!(world.last_finished(JOB).await, None, "the lease still runs");
    world.clock.advance(Duration::minutes(1));
    until(async || world.last_finished(JOB).await.is_some()).await;
    heir.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_paused_leader_wakes_up_and_writes_nothing() {
    let world = World::new();
    world.store.apply(vec![old_event(&world)]).await.unwrap();
    let slow = Arc::new(Slow::over(world.store.clone()));
    let paused = Scheduler::start(world.work_with(slow.clone()), SchedulerOptions::default());
    until(async || slow.is_waiting.load(Ordering::SeqCst)).await;

    world.clock.advance(Duration::minutes(1));
    let heir = world.start();
    until(async || world.last_finished(JOB).await.is_some()).await;
    let finished = world.last_finished(JOB).await.unwrap();
    assert_eq!(finished.outcome, JobOutcome::Done(1));

    // There is more to remove by now, and the one that wakes up must not be the one to do it.
    world.store.apply(vec![old_event(&world)]).await.unwrap();
    slow.go_on.notify_one();
    until(async || slow.superseded.load(Ordering::SeqCst)).await;
    paused.stop().await;
    heir.stop().await;
    assert_eq!(world.store.audit_trail().len(), 1);
    assert_eq!(world.last_finished(JOB).await, Some(finished));
}

fn old_event(world: &World) -> Change {
    Change::Audit(AuditEvent {
        id: world.work().dispatch_mail.secrets.new_id(world.clock.now()),
        at: world.clock.now() - Duration::days(500),
        event_type: AuditEventType::LoginFailed,
        actor: None,
        subject: None,
        session: None,
        address: None,
        request_id: "request".to_owned(),
        reason: None,
    })
}

/// Waits before each batch of audit events until it is told to go on.
struct Slow {
    store: Arc<MemoryStore>,
    is_waiting: AtomicBool,
    go_on: Notify,
    superseded: AtomicBool,
}

impl Slow {
    fn over(store: Arc<MemoryStore>) -> Self {
        Self {
            store,
            is_waiting: AtomicBool::new(false),
            go_on: Notify::new(),
            superseded: AtomicBool::new(false),
        }
    }
}

#[async_trait]
impl ExpiredRows for Slow {
    async fn remove(&self, run: &JobRun, what: Expired, before: Timestamp, limit: u32) -> Result<Removal, PortError> {
        if what == Expired::AuditEvents {
            self.is_waiting.store(true, Ordering::SeqCst);
            self.go_on.notified().await;
        }
        let removal = self.store.remove(run, what, before, limit).await?;
        if removal == Removal::Superseded {
            self.superseded.store(true, Ordering::SeqCst);
        }
        Ok(removal)
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
