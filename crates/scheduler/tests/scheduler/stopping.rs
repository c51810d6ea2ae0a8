//! Stopping: soon, whatever is under way.

use crate::world::{World, until};
use async_trait::async_trait;
use gatewright_application::jobs::job::Job;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::expired_rows::{Expired, ExpiredRows, Removal, SessionSweep};
use gatewright_application::ports::jobs::{JobRun, Jobs};
use gatewright_domain::Timestamp;
use gatewright_domain::session::session::SessionId;
use gatewright_scheduler::{Scheduler, SchedulerOptions};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::time::Instant;

/// Audit events without end, or a database that never answers.
struct Endless {
    batches: AtomicU32,
    answers: bool,
}

#[async_trait]
impl ExpiredRows for Endless {
    async fn remove(&self, _: &JobRun, what: Expired, _: Timestamp, limit: u32) -> Result<Removal, PortError> {
        if what != Expired::AuditEvents {
            return Ok(Removal::Removed(0));
        }
        self.batches.fetch_add(1, Ordering::SeqCst);
        if !self.answers {
            pending::<()>().await;
        }
        Ok(Removal::Removed(limit))
    }

    async fn sweep_idle_sessions(
        &self,
        _: &JobRun,
        _: Option<SessionId>,
        _: Timestamp,
        _: u32,
    ) -> Result<SessionSweep, PortError> {
        Ok(SessionSweep::Swept { removed: 0, next: None })
    }
}

fn start(world: &World, answers: bool) -> (Scheduler, Arc<Endless>) {
    let batches = AtomicU32::new(0);
    let rows = Arc::new(Endless { batches, answers });
    let scheduler = Scheduler::start(world.work_with(rows.clone()), SchedulerOptions::default());
    (scheduler, rows)
}

#[tokio::test(start_paused = true)]
async fn a_job_under_way_is_given_back_between_two_batches() {
    let world = World::new();
    let (scheduler, rows) = start(&world, true);
    until(async || rows.batches.load(Ordering::SeqCst) > 10).await;
    scheduler.stop().await;
    assert_eq!(world.last_finished(Job::RemoveOldAuditEvents).await, None);
    // Nobody waits for its lease.
    let heir = world.start();
    until(async || world.last_finished(Job::RemoveOldAuditEvents).await.is_some()).await;
    heir.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_job_that_hangs_is_broken_off_in_time() {
    let world = World::new();
    let (scheduler, rows) = start(&world, false);
    until(async || rows.batches.load(Ordering::SeqCst) > 0).await;
    let began = Instant::now();
    scheduler.stop().await;
    assert!(began.elapsed() < std::time::Duration::from_secs(25));
    let records = world.store.records().await.unwrap();
    let record = records.iter().find(|record| record.job == Job::RemoveOldAuditEvents);
    assert!(record.unwrap().leased_until.is_some(), "its lease has to run out");
}

#[tokio::test(start_paused = true)]
async fn an_idle_scheduler_stops_at_once() {
    let world = World::new();
    let scheduler = world.start();
    world.until_every_job_has_run().await;
    let began = Instant::now();
    scheduler.stop().await;
    assert!(began.elapsed() < std::time::Duration::from_secs(1));
}
