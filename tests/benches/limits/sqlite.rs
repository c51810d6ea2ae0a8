//! One process on SQLite, beside the work alone.

use crate::arguments::Plan;
use crate::bare_http::BareHttp;
use crate::callers::{Session, always, refreshing};
use crate::http_load::{get, run};
use crate::population::{address, email, sign_in, sign_in_request, sign_up};
use crate::process::{peak_resident_mib, resident_mib};
use crate::report::{Aim, Report, Rounds};
use crate::{bare_sqlite, raw_argon2};
use gatewright_tests::client::{Client, PASSWORD};
use gatewright_tests::server::Server;
use serde_json::json;
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 16;
/// More sign-ins at once than may wait.
const FLOOD: usize = 300;

fn server() -> Server {
    Server::with(&[
        ("EMAIL_VERIFICATION", "off"),
        ("RATE_LIMITS", "off"),
        ("LOG_LEVEL", "warn"),
    ])
}

/// Everything about it.
pub(crate) async fn measure(plan: &Plan, report: &mut Report) {
    report.parameter("SQLite", "WAL, synchronous=FULL");
    start_time(plan, report).await;
    memory(plan, report).await;
    passwords(plan, report).await;
    current_user(plan, report).await;
    refresh(plan, report).await;
    enumeration(report).await;
}

/// From the start of the process to its first 200, on data that exists.
async fn start_time(plan: &Plan, report: &mut Report) {
    let mut server = server();
    let mut times = Vec::new();
    for _ in 0..plan.rounds * 2 {
        server.terminate();
        server.wait();
        let started = Instant::now();
        server = server.kill_and_restart();
        let _ = server.client().get("/health/ready").await.expect(200);
        times.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    let time = Rounds(times).median();
    report.figure("start to first 200", time, "ms", Aim::AtMost(100.0));
}

/// Resident memory of an idle server, and its peak under a flood of sign-ins.
async fn memory(plan: &Plan, report: &mut Report) {
    let server = server();
    sign_up(&server, 0..1).await;
    let fresh = server.kill_and_restart();
    let _ = fresh.client().get("/health/ready").await.expect(200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    report.figure("resident memory, idle", resident_mib(&fresh), "MiB", Aim::AtMost(20.0));
    let flood = always(&sign_in_request(0), FLOOD);
    let load = run(&[address(&fresh)], flood, plan.round * 2).await;
    assert!(load.refused > 0 && load.rate > 0.0, "the flood was none");
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    report.figure(
        "resident memory, peak in a flood of sign-ins",
        peak_resident_mib(&fresh),
        "MiB",
        Aim::AtMost(20.0 + cores * 19.0 + 8.0),
    );
}

/// Sign-in beside the hash alone.
async fn passwords(plan: &Plan, report: &mut Report) {
    let server = server();
    sign_up(&server, 0..1).await;
    let request = sign_in_request(0);
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let round = plan.round;
        limit.push(
            tokio::task::spawn_blocking(move || raw_argon2::rate(round))
                .await
                .unwrap(),
        );
        let load = run(&[address(&server)], always(&request, CONNECTIONS), round).await;
        ours.push(load.rate);
    }
    report.ratio(
        "sign-in beside argon2id alone",
        &Rounds(ours),
        &Rounds(limit),
        "/s",
        Some(Aim::AtLeast(0.95)),
    );
    refresh_during_a_storm(plan, report, &server).await;
}

/// How long a refresh takes while everybody signs in.
async fn refresh_during_a_storm(plan: &Plan, report: &mut Report, server: &Server) {
    let sessions = sign_in(server, 0, CONNECTIONS).await;
    let idle = run(&[address(server)], refreshing(&sessions), plan.round).await;
    let (target, storm, time) = (address(server).to_owned(), sign_in_request(0), plan.round * 2);
    let storm = tokio::spawn(async move { run(&[&target], always(&storm, FLOOD), time).await });
    let busy = run(&[address(server)], refreshing(&sessions), plan.round).await;
    assert!(storm.await.unwrap().refused > 0, "the storm was none");
    report.ratio(
        "p99 of refresh in a storm of 300 sign-ins, beside idle",
        &Rounds(vec![busy.percentile(0.99)]),
        &Rounds(vec![idle.percentile(0.99)]),
        "ms",
        Some(Aim::AtMost(5.0)),
    );
}

/// The current user beside a bare handler.
async fn current_user(plan: &Plan, report: &mut Report) {
    let server = server();
    let token = sign_up(&server, 0..1).await.first().unwrap().access_token();
    let body = server.client().get_as(&token, "/users/me").await.expect(200).text;
    let bare = BareHttp::start(&body);
    let (request, bare_request) = (get("/api/v1/users/me", &token), get("/", &token));
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let bare = run(&[&bare.address], always(&bare_request, CONNECTIONS), plan.round).await;
        limit.push(bare.rate);
        let load = run(&[address(&server)], always(&request, CONNECTIONS), plan.round).await;
        ours.push(load.rate);
    }
    report.ratio(
        "GET /users/me beside a bare handler",
        &Rounds(ours),
        &Rounds(limit),
        "/s",
        Some(Aim::AtLeast(0.5)),
    );
}

/// Refresh beside its own statements on SQLite alone.
async fn refresh(plan: &Plan, report: &mut Report) {
    let server = server();
    sign_up(&server, 0..1).await;
    let sessions: Vec<Session> = sign_in(&server, 0, CONNECTIONS).await;
    // The limit runs on a copy, so that neither waits for the other's lock.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(server.data_dir().join("gatewright.db"), &copy).unwrap();
    let log = server.data_dir().join("gatewright.db-wal");
    std::fs::copy(log, folder.path().join("copy.db-wal")).unwrap();
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let (path, round) = (copy.clone(), plan.round);
        let bare = tokio::task::spawn_blocking(move || bare_sqlite::rate(&path, round));
        limit.push(bare.await.unwrap());
        let load = run(&[address(&server)], refreshing(&sessions), plan.round).await;
        assert_eq!(load.refused, 0, "refreshes were refused");
        ours.push(load.rate);
    }
    report.ratio(
        "refresh beside its statements alone",
        &Rounds(ours),
        &Rounds(limit),
        "/s",
        Some(Aim::AtLeast(0.5)),
    );
}

/// Whether the time of an answer tells a known address from an unknown one: interleaved, one at a time.
async fn enumeration(report: &mut Report) {
    let server = Server::with(&[("RATE_LIMITS", "off"), ("LOG_LEVEL", "warn")]);
    let client = server.client();
    client.register(&server.mailbox(), &email(0), PASSWORD).await;
    for (path, with_password, pairs) in [
        ("/auth/login", true, 500),
        ("/auth/register", true, 200),
        ("/auth/password/forgot", false, 500),
        ("/auth/register/resend", false, 500),
    ] {
        let difference = median_difference(&client, path, with_password, pairs).await;
        report.figure(
            &format!("{path}: known against unknown, median difference"),
            difference,
            "ms",
            Aim::AtMost(2.0),
        );
    }
}

async fn median_difference(client: &Client, path: &str, with_password: bool, pairs: usize) -> f64 {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..pairs {
        let stranger = format!("nobody-{n}@example.org");
        for (email, times) in [(email(0), &mut known), (stranger, &mut unknown)] {
            let field = if path == "/auth/login" { "login" } else { "email" };
            let body = if with_password {
                json!({field: email, "password": "not the password of anybody"})
            } else {
                json!({field: email})
            };
            let started = Instant::now();
            let _ = client.post(path, body).await;
            times.push(started.elapsed().as_secs_f64() * 1000.0);
        }
    }
    (Rounds(known).median() - Rounds(unknown).median()).abs()
}
