//! The same calls while a job removes what is over.

use crate::arguments::Plan;
use crate::callers::{Session, listing, refreshing};
use crate::http_load::run_steadily;
use crate::population::{address, sign_up};
use crate::report::{Aim, Report, Rounds};
use crate::scale::fill;
use crate::stores::Stores;
use gatewright_tests::server::Server;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const JOB: &str = "remove-ended-sessions";
/// Users with a live session besides.
const LIVE: usize = 100_000;
const CONNECTIONS: usize = 16;
/// Of each connection: 400 requests a second together, which leaves the machine time for something else, as one that is
/// relied on does.
const INTERVAL: Duration = Duration::from_millis(40);
const WINDOW: Duration = Duration::from_secs(5);
/// Windows without the job, before and after.
const QUIET: usize = 6;
/// Windows with it, at most.
const BUSY: usize = 200;

/// The 99th percentile of refreshes and lists of sessions, with the job and without.
pub(crate) async fn measure(plan: &Plan, report: &mut Report) {
    let stores = Stores::start(report);
    let database = stores.postgres.create_database("clean_up");
    let server = stores.process(&database, &[]);
    let sessions = sign_up(&server, 0..CONNECTIONS).await;
    fill(&stores, &database, LIVE, plan.rows);
    let left = || -> f64 {
        let ended = "select count(*) from sessions where ended_at is not null";
        stores.postgres.query(&database, ended).parse().unwrap()
    };

    let (mut quiet, mut busy) = (Rounds::default(), Rounds::default());
    for _ in 0..QUIET {
        quiet.push(window(&server, &sessions).await);
    }
    let before = left();
    let mut job = Job::start(&server);
    for _ in 0..BUSY {
        let percentile = window(&server, &sessions).await;
        if job.has_ended() && !busy.0.is_empty() {
            break;
        }
        busy.push(percentile);
    }
    drop(job);
    let (removed, time) = (before - left(), WINDOW.as_secs_f64() * busy.0.len() as f64);
    for _ in 0..QUIET {
        quiet.push(window(&server, &sessions).await);
    }
    assert!(removed > 0.0, "nothing was removed");
    report.parameter(
        "clean-up",
        format!(
            "{removed} of {} ended sessions removed in about {time} s beside {LIVE} live ones, at {} requests/s",
            plan.rows,
            CONNECTIONS as f64 / INTERVAL.as_secs_f64()
        ),
    );
    report.ratio(
        "p99 of refresh and list while ended sessions are removed, beside none",
        &busy,
        &quiet,
        "ms",
        Some(Aim::AtMost(1.2)),
    );
}

/// Half of the connections refresh, half list sessions.
async fn window(server: &Server, sessions: &[Session]) -> f64 {
    let (some, others) = sessions.split_at(CONNECTIONS / 2);
    let callers = refreshing(some).into_iter().chain(listing(others)).collect();
    let load = run_steadily(&[address(server)], callers, INTERVAL, WINDOW).await;
    assert_eq!(load.refused, 0, "requests were refused");
    load.percentile(0.99)
}

/// The job in a process of its own; it is told to stop when dropped.
struct Job(Child);

impl Job {
    fn start(server: &Server) -> Self {
        let mut command = server.command(&["jobs", "run", JOB]);
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Whether it did all there was to do.
    fn has_ended(&mut self) -> bool {
        let ended = self.0.try_wait().unwrap();
        ended
            .inspect(|status| assert!(status.success(), "the job failed: {status}"))
            .is_some()
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if !self.has_ended() {
            let _ = Command::new("kill").arg(self.0.id().to_string()).status();
            let _ = self.0.wait();
        }
    }
}
