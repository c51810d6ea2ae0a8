//! Walking through the sessions.

use super::{JOB, holds_session};
use crate::insertions::{insert_session, insert_user};
use crate::maintenance_storage::{LEASE, MaintenanceStorage};
use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON, session, user};
use gatewright_application::ports::change::{Change, SessionChange};
use gatewright_application::ports::expired_rows::SessionSweep;
use gatewright_application::ports::jobs::JobRun;
use gatewright_domain::session::session::{Session, SessionId};
use gatewright_domain::{Duration, Timestamp};

pub(super) async fn cases<F, Fut>(factory: &F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = MaintenanceStorage>,
{
    on_fresh(factory, there_is_nothing_to_walk_through).await;
    on_fresh(factory, idle_sessions_go_and_live_ones_stay).await;
    on_fresh(factory, a_session_that_was_refreshed_stays).await;
    on_fresh(factory, every_session_is_looked_at_once).await;
    on_fresh(factory, a_run_that_was_superseded_sweeps_nothing).await;
}

const NOTHING: SessionSweep = SessionSweep::Swept { removed: 0, next: None };

async fn there_is_nothing_to_walk_through(ports: MaintenanceStorage) {
    let run = ports.begin(JOB, NOON).await;
    assert_eq!(sweep(&ports, &run, None, 10).await, NOTHING);
    assert_eq!(sweep(&ports, &run, Some(session(1, user(1).id).id), 10).await, NOTHING);
}

async fn idle_sessions_go_and_live_ones_stay(ports: MaintenanceStorage) {
    let (idle, live) = (idle_since(1, NOON), idle_since(2, NOON + MICROSECOND));
    given(&ports, &[&idle, &live]).await;
    let run = ports.begin(JOB, NOON).await;
    let swept = SessionSweep::Swept { removed: 1, next: None };
    assert_eq!(sweep(&ports, &run, None, 10).await, swept);
    assert!(!holds_session(&ports, &idle).await);
    assert!(holds_session(&ports, &live).await);
}

async fn a_session_that_was_refreshed_stays(ports: MaintenanceStorage) {
    let session = idle_since(1, NOON);
    given(&ports, &[&session]).await;
    let to = Session {
        generation: 1,
        idle_expires_at: NOON + Duration::days(1),
        ..session.clone()
    };
    let rotate = Change::Session(SessionChange::Rotate { to });
    ports.storage.given([rotate]).await;
    let run = ports.begin(JOB, NOON).await;
    assert_eq!(sweep(&ports, &run, None, 10).await, NOTHING);
    assert!(holds_session(&ports, &session).await);
}

async fn every_session_is_looked_at_once(ports: MaintenanceStorage) {
    // Every other one is over.
    let sessions: Vec<Session> = (1..=14)
        .map(|number| idle_since(number, if number % 2 == 0 { NOON } else { NOON + MICROSECOND }))
        .collect();
    given(&ports, &sessions.iter().collect::<Vec<_>>()).await;
    let run = ports.begin(JOB, NOON).await;
    let (mut after, mut removed, mut steps) = (None, 0, 0);
    loop {
        let SessionSweep::Swept { removed: count, next } = sweep(&ports, &run, after, 4).await else {
            panic!("there is no later run");
        };
        (removed, steps) = (removed + count, steps + 1);
        // In the order of their ids, four at a time.
        assert_eq!(next, sessions.get(4 * steps - 1).map(|session| session.id));
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((removed, steps), (7, 4));
    for (number, session) in (1..).zip(&sessions) {
        assert_eq!(holds_session(&ports, session).await, number % 2 == 1, "{number}");
    }
}

async fn a_run_that_was_superseded_sweeps_nothing(ports: MaintenanceStorage) {
    let idle = idle_since(1, NOON);
    given(&ports, &[&idle]).await;
    let paused = ports.begin(JOB, NOON).await;
    ports.begin(JOB, NOON + LEASE).await;
    assert_eq!(sweep(&ports, &paused, None, 10).await, SessionSweep::Superseded);
    assert!(holds_session(&ports, &idle).await);
}

async fn given(ports: &MaintenanceStorage, sessions: &[&Session]) {
    ports.storage.given([insert_user(&user(1))]).await;
    ports
        .storage
        .given(sessions.iter().map(|session| insert_session(session)))
        .await;
}

fn idle_since(number: u32, idle_expires_at: Timestamp) -> Session {
    Session {
        idle_expires_at,
        ..session(number, user(1).id)
    }
}

async fn sweep(ports: &MaintenanceStorage, run: &JobRun, after: Option<SessionId>, limit: u32) -> SessionSweep {
    let swept = ports.expired_rows.sweep_idle_sessions(run, after, NOON, limit);
    swept.await.unwrap()
}
