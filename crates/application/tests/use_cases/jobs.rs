//! Periodic work: what is removed and what is kept, and who may run it.

mod leases;
mod removal;

use crate::world::World;
use async_trait::async_trait;
use gatewright_application::jobs::job::Job;
use gatewright_application::jobs::list_jobs::JobStatus;
use gatewright_application::jobs::run_job::{Occasion, RunJobOutcome};
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::job_pace::{JobPace, JobProgress};
use gatewright_application::ports::jobs::JobOutcome;
use gatewright_domain::{Duration, Timestamp};
use std::ops::ControlFlow;

/// Does this between batches.
struct Between<F>(F);

#[async_trait]
impl<F: Fn(JobProgress) -> ControlFlow<()> + Send + Sync> JobPace for Between<F> {
    async fn rest(&self, progress: JobProgress) -> ControlFlow<()> {
        (self.0)(progress)
    }
}

fn without_a_rest(_: JobProgress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

async fn run(world: &World, job: Job, occasion: Occasion) -> RunJobOutcome {
    let pace = Between(without_a_rest);
    world.application.run_job.execute(job, occasion, &pace).await.unwrap()
}

/// Runs `job` now, and says how many things it did.
async fn handled(world: &World, job: Job) -> u64 {
    match run(world, job, Occasion::Request).await {
        RunJobOutcome::Finished(JobOutcome::Done(count)) => count,
        other => panic!("{other:?}"),
    }
}

fn now(world: &World) -> Timestamp {
    world.clock.now()
}

async fn status(world: &World, job: Job) -> JobStatus {
    let all = world.application.list_jobs.execute().await.unwrap();
    all.into_iter().find(|status| status.job == job).unwrap()
}

#[tokio::test]
async fn a_signing_key_is_replaced_when_it_is_old_enough() {
    let world = World::new();
    assert_eq!(handled(&world, Job::RotateSigningKeys).await, 0);
    world.advance(Duration::days(90));
    assert_eq!(handled(&world, Job::RotateSigningKeys).await, 1);
    assert_eq!(handled(&world, Job::RotateSigningKeys).await, 0);
}

#[tokio::test]
async fn rotation_that_is_switched_off_says_so_and_does_nothing() {
    let mut settings = crate::world::settings();
    settings.signing_key_max_age = None;
    let world = World::with(settings);
    world.advance(Duration::days(3650));
    let outcome = run(&world, Job::RotateSigningKeys, Occasion::Schedule).await;
    let reason = "rotation is switched off".to_owned();
    assert_eq!(outcome, RunJobOutcome::Finished(JobOutcome::Skipped(reason)));
}

#[tokio::test]
async fn every_job_runs_on_an_empty_database() {
    let world = World::new();
    for job in Job::ALL {
        assert_eq!(handled(&world, job).await, 0, "{job:?}");
    }
}

#[tokio::test]
async fn jobs_are_listed_with_what_became_of_them() {
    let world = World::new();
    let never = status(&world, Job::RemoveOldMails).await;
    assert_eq!((never.record, never.running), (None, false));
    let noon = now(&world);
    assert!(never.is_due && never.due_at <= noon);

    run(&world, Job::RemoveOldMails, Occasion::Schedule).await;
    let done = status(&world, Job::RemoveOldMails).await;
    assert_eq!(done.due_at, never.due_at + Duration::hours(1));
    let finished = done.record.unwrap().last_finished.unwrap();
    assert_eq!((finished.finished_at, finished.outcome), (noon, JobOutcome::Done(0)));
    assert!(!done.running && !done.is_due);

    world.advance(Duration::hours(1));
    let due = status(&world, Job::RemoveOldMails).await;
    assert_eq!((due.due_at, due.is_due), (never.due_at + Duration::hours(1), true));
}
