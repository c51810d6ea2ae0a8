//! The contract of [`Jobs`](gatewright_application::ports::jobs::Jobs).

use crate::maintenance_storage::{LEASE, MaintenanceStorage};
use crate::race::all_at_once;
use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON};
use gatewright_application::jobs::job::Job;
use gatewright_application::ports::jobs::{Due, Fence, FinishedRun, JobOutcome, JobRecord, JobRun};
use gatewright_domain::{Duration, Timestamp};

const JOB: Job = Job::RemoveOldMails;
const OTHER: Job = Job::RotateSigningKeys;
const DONE: JobOutcome = JobOutcome::Done(0);

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = MaintenanceStorage>,
{
    on_fresh(&factory, nothing_is_known_of_a_job_that_never_ran).await;
    on_fresh(&factory, a_job_is_held_until_its_lease_runs_out).await;
    on_fresh(&factory, jobs_are_held_apart).await;
    on_fresh(
        &factory,
        a_job_is_not_granted_again_once_a_run_of_its_window_has_finished,
    )
    .await;
    on_fresh(&factory, a_run_that_began_before_the_window_does_not_count).await;
    on_fresh(&factory, a_run_that_never_ended_does_not_count).await;
    on_fresh(&factory, a_finished_run_counts_although_a_later_one_never_ended).await;
    on_fresh(&factory, a_job_that_somebody_asks_for_runs_at_any_time).await;
    on_fresh(&factory, every_outcome_comes_back).await;
    on_fresh(&factory, a_renewal_prolongs_the_lease).await;
    on_fresh(&factory, what_is_lost_cannot_be_renewed).await;
    on_fresh(&factory, what_is_given_back_can_be_had_at_once).await;
    on_fresh(&factory, a_paused_run_that_wakes_up_has_nothing_to_say).await;
    on_fresh(&factory, a_run_that_nobody_followed_may_still_finish).await;
    on_fresh(&factory, a_clock_that_was_ahead_holds_nobody_off).await;
    on_fresh(&factory, of_simultaneous_claims_one_is_granted).await;
    on_fresh(&factory, of_simultaneous_heirs_one_is_granted).await;
    on_fresh(&factory, a_claim_whose_caller_went_away_blocks_for_its_lease_at_most).await;
}

async fn nothing_is_known_of_a_job_that_never_ran(ports: MaintenanceStorage) {
    assert_eq!(ports.jobs.records().await, Ok(vec![]));
    let run = never_granted();
    assert_eq!(ports.jobs.renew(&run, LEASE, NOON).await, Ok(false));
    assert_eq!(ports.jobs.finish(&run, &DONE, NOON).await, Ok(false));
    assert_eq!(ports.jobs.records().await, Ok(vec![]));
}

async fn a_job_is_held_until_its_lease_runs_out(ports: MaintenanceStorage) {
    let run = ports.claim(JOB, Due::OnceSince(NOON), NOON).await.unwrap();
    assert_eq!((run.job, run.started_at), (JOB, NOON));
    for due in [Due::OnceSince(NOON), Due::Now] {
        for now in [NOON, NOON + LEASE - MICROSECOND] {
            assert_eq!(ports.claim(JOB, due, now).await, None);
        }
    }
    let end = NOON + LEASE;
    let heir = ports.claim(JOB, Due::OnceSince(NOON), end).await.unwrap();
    assert!(heir.fence > run.fence);
    assert_eq!(heir.started_at, end);
}

async fn jobs_are_held_apart(ports: MaintenanceStorage) {
    let run = ports.begin(JOB, NOON).await;
    let other = ports.begin(OTHER, NOON).await;
    ports.finish(&other, JobOutcome::Done(3), NOON).await;
    assert_eq!(ports.claim(JOB, Due::Now, NOON).await, None);
    assert_eq!(record(&ports, JOB).await.last_finished, None);
    ports.finish(&run, DONE, NOON).await;
    let finished = record(&ports, OTHER).await.last_finished.unwrap();
    assert_eq!(finished.outcome, JobOutcome::Done(3));
}

async fn a_job_is_not_granted_again_once_a_run_of_its_window_has_finished(ports: MaintenanceStorage) {
    let outcomes = [DONE, JobOutcome::Skipped("not here".to_owned()), failed()];
    for (hours, outcome) in (0..).zip(outcomes) {
        let window = NOON + Duration::hours(hours);
        // At the window's very beginning, which is a part of it.
        let run = ports.claim(JOB, Due::OnceSince(window), window).await.unwrap();
        ports.finish(&run, outcome, window + Duration::SECOND).await;
        for minutes in [1, 59] {
            let now = window + Duration::minutes(minutes);
            assert_eq!(ports.claim(JOB, Due::OnceSince(window), now).await, None);
        }
    }
}

async fn a_run_that_began_before_the_window_does_not_count(ports: MaintenanceStorage) {
    let run = ports.begin(JOB, NOON - MICROSECOND).await;
    ports.finish(&run, DONE, NOON + Duration::SECOND).await;
    let now = NOON + Duration::SECOND * 2;
    assert!(ports.claim(JOB, Due::OnceSince(NOON), now).await.is_some());
}

async fn a_run_that_never_ended_does_not_count(ports: MaintenanceStorage) {
    ports.begin(JOB, NOON).await;
    let now = NOON + LEASE;
    assert!(ports.claim(JOB, Due::OnceSince(NOON), now).await.is_some());
}

async fn a_finished_run_counts_although_a_later_one_never_ended(ports: MaintenanceStorage) {
    let first = ports.begin(JOB, NOON).await;
    ports.finish(&first, DONE, NOON + Duration::SECOND).await;
    let later = NOON + Duration::SECOND * 2;
    ports.begin(JOB, later).await;
    let now = later + LEASE;
    assert_eq!(ports.claim(JOB, Due::OnceSince(NOON), now).await, None);
    assert!(ports.claim(JOB, Due::OnceSince(later), now).await.is_some());
}

async fn a_job_that_somebody_asks_for_runs_at_any_time(ports: MaintenanceStorage) {
    let mut fences = Vec::new();
    for _ in 0..3 {
        let run = ports.begin(JOB, NOON).await;
        ports.finish(&run, DONE, NOON).await;
        fences.push(run.fence);
    }
    assert!(fences.is_sorted_by(|earlier, later| earlier < later), "{fences:?}");
}

async fn every_outcome_comes_back(ports: MaintenanceStorage) {
    let outcomes = [
        JobOutcome::Done(u64::from(u32::MAX) + 1),
        JobOutcome::Skipped("the keys stand in the settings".to_owned()),
        JobOutcome::Failed("\"Ünreachable\", 王 '%_\\".to_owned()),
        DONE,
    ];
    for (hours, outcome) in (0..).zip(outcomes) {
        let started_at = NOON + Duration::hours(hours);
        let run = ports.begin(JOB, started_at).await;
        let before = record(&ports, JOB).await;
        assert_eq!(before.last_started_at, started_at);
        assert_eq!(before.leased_until, Some(started_at + LEASE));
        let finished_at = started_at + MICROSECOND * 7;
        ports.finish(&run, outcome.clone(), finished_at).await;
        let expected = JobRecord {
            job: JOB,
            last_started_at: started_at,
            last_finished: Some(FinishedRun {
                started_at,
                finished_at,
                outcome,
            }),
            leased_until: None,
        };
        assert_eq!(ports.jobs.records().await, Ok(vec![expected]));
    }
}

async fn a_renewal_prolongs_the_lease(ports: MaintenanceStorage) {
    let run = ports.begin(JOB, NOON).await;
    let now = NOON + LEASE - MICROSECOND;
    assert_eq!(ports.jobs.renew(&run, LEASE, now).await, Ok(true));
    assert_eq!(record(&ports, JOB).await.leased_until, Some(now + LEASE));
    assert_eq!(record(&ports, JOB).await.last_started_at, NOON);
    assert_eq!(ports.claim(JOB, Due::Now, now + LEASE - MICROSECOND).await, None);
    assert!(ports.claim(JOB, Due::Now, now + LEASE).await.is_some());
}

async fn what_is_lost_cannot_be_renewed(ports: MaintenanceStorage) {
    let run = ports.begin(JOB, NOON).await;
    let end = NOON + LEASE;
    assert_eq!(ports.jobs.renew(&run, LEASE, end).await, Ok(false), "its lease ran out");
    let heir = ports.begin(JOB, end).await;
    assert_eq!(
        ports.jobs.renew(&run, LEASE, end).await,
        Ok(false),
        "it is not the latest"
    );
    assert_eq!(record(&ports, JOB).await.leased_until, Some(end + LEASE));
    ports.finish(&heir, DONE, end).await;
    assert_eq!(ports.jobs.renew(&heir, LEASE, end).await, Ok(false), "it has finished");
    assert_eq!(record(&ports, JOB).await.leased_until, None);
}

async fn what_is_given_back_can_be_had_at_once(ports: MaintenanceStorage) {
    let run = ports.begin(JOB, NOON).await;
    let now = NOON + Duration::SECOND;
    assert_eq!(ports.jobs.renew(&run, Duration::ZERO, now).await, Ok(true));
    assert_eq!(record(&ports, JOB).await.last_finished, None);
    assert!(ports.claim(JOB, Due::OnceSince(NOON), now).await.is_some());
}

async fn a_paused_run_that_wakes_up_has_nothing_to_say(ports: MaintenanceStorage) {
    let paused = ports.begin(JOB, NOON).await;
    let now = NOON + LEASE;
    let heir = ports.begin(JOB, now).await;
    assert_eq!(ports.jobs.finish(&paused, &failed(), now).await, Ok(false));
    let record = record(&ports, JOB).await;
    assert_eq!((record.leased_until, record.last_finished), (Some(now + LEASE), None));
    ports.finish(&heir, DONE, now).await;
    assert_eq!(ports.jobs.finish(&paused, &failed(), now).await, Ok(false));
    let finished = self::record(&ports, JOB).await.last_finished.unwrap();
    assert_eq!((finished.outcome, finished.started_at), (DONE, now));
}

async fn a_run_that_nobody_followed_may_still_finish(ports: MaintenanceStorage) {
    let run = ports.begin(JOB, NOON).await;
    let late = NOON + LEASE * 3;
    ports.finish(&run, DONE, late).await;
    assert_eq!(ports.claim(JOB, Due::OnceSince(NOON), late).await, None);
}

async fn a_clock_that_was_ahead_holds_nobody_off(ports: MaintenanceStorage) {
    let next_year = NOON + Duration::days(365);
    ports.begin(JOB, next_year).await;
    let run = ports.begin(JOB, NOON).await;
    ports.finish(&run, DONE, NOON).await;

    let run = ports.begin(OTHER, next_year).await;
    ports.finish(&run, DONE, next_year).await;
    assert!(ports.claim(OTHER, Due::OnceSince(NOON), NOON).await.is_some());

    // A clock that is ahead by less than a lease is as good as any.
    let run = ports.begin(JOB, NOON + LEASE).await;
    assert_eq!(ports.claim(JOB, Due::Now, NOON + MICROSECOND).await, None);
    ports.finish(&run, DONE, NOON + LEASE).await;
    assert_eq!(ports.claim(JOB, Due::OnceSince(NOON), NOON).await, None);
}

async fn of_simultaneous_claims_one_is_granted(ports: MaintenanceStorage) {
    for hours in 0..10 {
        let now = NOON + Duration::hours(hours);
        let run = granted_of_sixteen(&ports, now).await;
        ports.finish(&run, DONE, now).await;
        assert_eq!(ports.claim(JOB, Due::OnceSince(now), now).await, None);
    }
}

async fn of_simultaneous_heirs_one_is_granted(ports: MaintenanceStorage) {
    let mut last = ports.begin(JOB, NOON).await;
    for leases in 1..=10 {
        let heir = granted_of_sixteen(&ports, NOON + LEASE * leases).await;
        assert!(heir.fence > last.fence);
        last = heir;
    }
}

async fn a_claim_whose_caller_went_away_blocks_for_its_lease_at_most(ports: MaintenanceStorage) {
    for number in 0..20 {
        let now = NOON + Duration::hours(number);
        let claiming = tokio::spawn({
            let ports = ports.clone();
            async move { ports.claim(JOB, Due::Now, now).await }
        });
        for _ in 0..number % 5 {
            tokio::task::yield_now().await;
        }
        claiming.abort();
        let _ = claiming.await;
        assert!(ports.claim(JOB, Due::Now, now + LEASE).await.is_some());
    }
}

/// The one run that sixteen callers get together.
async fn granted_of_sixteen(ports: &MaintenanceStorage, now: Timestamp) -> JobRun {
    let claims = all_at_once(16, |_| {
        let ports = ports.clone();
        async move { ports.claim(JOB, Due::OnceSince(now), now).await }
    });
    let granted: Vec<JobRun> = claims.await.into_iter().flatten().collect();
    assert_eq!(granted.len(), 1, "{granted:?}");
    granted[0]
}

/// What the store knows of a job that ran.
async fn record(ports: &MaintenanceStorage, job: Job) -> JobRecord {
    let records = ports.jobs.records().await.unwrap();
    records.into_iter().find(|record| record.job == job).unwrap()
}

fn never_granted() -> JobRun {
    JobRun {
        job: JOB,
        fence: Fence(1),
        started_at: NOON,
    }
}

fn failed() -> JobOutcome {
    JobOutcome::Failed("the database went away".to_owned())
}
