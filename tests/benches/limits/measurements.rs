//! What is measured, and beside what.

use crate::bare_http::BareHttp;
use crate::http_load::{Load, Script, get, post, run};
use crate::process::{peak_resident_mib, resident_mib};
use crate::report::{Report, Rounds};
use crate::{bare_sqlite, raw_argon2};
use gatewright_tests::client::{Client, PASSWORD, SignedIn};
use gatewright_tests::server::Server;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 16;
const EMAIL: &str = "ann@example.org";

fn server() -> Server {
    Server::with(&[
        ("EMAIL_VERIFICATION", "off"),
        ("RATE_LIMITS", "off"),
        ("LOG_LEVEL", "warn"),
    ])
}

async fn register(client: &Client, email: &str) -> SignedIn {
    let body = json!({"email": email, "password": PASSWORD});
    SignedIn::from_answer(&client.post("/auth/register", body).await.expect(201))
}

fn address(server: &Server) -> &str {
    server.base_url().trim_start_matches("http://")
}

fn each_connection(script: impl Fn(usize) -> Script) -> Vec<Script> {
    (0..CONNECTIONS).map(script).collect()
}

fn always(request: &[u8]) -> Script {
    let request = request.to_vec();
    Box::new(move |_| request.clone())
}

fn login_body(login: &str, password: &str) -> String {
    json!({"login": login, "password": password}).to_string()
}

/// From the start of the process to its first 200, on data that exists.
pub(crate) async fn start_time(report: &mut Report) {
    let mut server = server();
    let mut times = Vec::new();
    for _ in 0..ROUNDS * 2 {
        server.terminate();
        server.wait();
        let started = Instant::now();
        server = server.kill_and_restart();
        let _ = server.client().get("/health/ready").await.expect(200);
        times.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    report.at_most("start to first 200", Rounds(times).median(), "ms", 100.0);
}

/// Resident memory of an idle server, and its peak under a flood of sign-ins.
pub(crate) async fn memory(report: &mut Report) {
    let server = server();
    register(&server.client(), EMAIL).await;
    let fresh = server.kill_and_restart();
    let _ = fresh.client().get("/health/ready").await.expect(200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle = resident_mib(&fresh);
    report.at_most("resident memory, idle", idle, "MiB", 20.0);
    let request = post("/api/v1/auth/login", &login_body(EMAIL, PASSWORD));
    let flood = (0..300).map(|_| always(&request)).collect();
    let load = run(address(&fresh), flood, ROUND * 2).await;
    assert!(load.refused > 0 && load.rate > 0.0, "the flood was none");
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    report.at_most(
        "resident memory, peak in a sign-in flood",
        peak_resident_mib(&fresh),
        "MiB",
        20.0 + cores * 19.0 + 8.0,
    );
}

/// Sign-in beside the hash alone.
pub(crate) async fn sign_in(report: &mut Report) {
    let server = server();
    register(&server.client(), EMAIL).await;
    let request = post("/api/v1/auth/login", &login_body(EMAIL, PASSWORD));
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        limit.push(tokio::task::spawn_blocking(|| raw_argon2::rate(ROUND)).await.unwrap());
        let load = run(address(&server), each_connection(|_| always(&request)), ROUND).await;
        ours.push(load.rate);
    }
    report.ratio(
        "sign-in beside argon2id alone",
        &Rounds(ours),
        &Rounds(limit),
        "/s",
        0.95,
    );
    refresh_during_a_storm(report, &server).await;
}

/// How long a refresh takes while everybody signs in.
async fn refresh_during_a_storm(report: &mut Report, server: &Server) {
    let tokens = sessions(&server.client()).await;
    let idle = run(address(server), refreshing(&tokens), ROUND).await;
    let request = post("/api/v1/auth/login", &login_body(EMAIL, PASSWORD));
    let target = address(server).to_owned();
    let storm =
        tokio::spawn(async move { run(&target, (0..300).map(|_| always(&request)).collect(), ROUND * 2).await });
    let tokens = sessions_by_refresh(&server.client(), &tokens).await;
    let busy = run(address(server), refreshing(&tokens), ROUND).await;
    let _: Load = storm.await.unwrap();
    let ratio = busy.percentile(0.99).as_secs_f64() / idle.percentile(0.99).as_secs_f64();
    report.at_most("p99 of refresh in a storm of 300 sign-ins, times idle", ratio, "×", 5.0);
}

/// The current user beside a bare handler.
pub(crate) async fn current_user(report: &mut Report) {
    let server = server();
    let client = server.client();
    let ann = register(&client, EMAIL).await;
    let body = client.get_as(&ann.access_token, "/users/me").await.expect(200).text;
    let bare = BareHttp::start(&body);
    let request = get("/api/v1/users/me", &ann.access_token);
    let plain = get("/", &ann.access_token);
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        limit.push(
            run(&bare.address, each_connection(|_| always(&plain)), ROUND)
                .await
                .rate,
        );
        ours.push(
            run(address(&server), each_connection(|_| always(&request)), ROUND)
                .await
                .rate,
        );
    }
    report.ratio(
        "GET /users/me beside a bare handler",
        &Rounds(ours),
        &Rounds(limit),
        "/s",
        0.5,
    );
}

async fn sessions(client: &Client) -> Vec<String> {
    let mut tokens = Vec::new();
    for _ in 0..CONNECTIONS {
        tokens.push(
            client
                .login(EMAIL, PASSWORD)
                .await
                .expect(200)
                .text_at("/refresh_token"),
        );
    }
    tokens
}

/// The live successors of tokens that a load run has spent would be lost with it: fresh sessions instead.
async fn sessions_by_refresh(client: &Client, spent: &[String]) -> Vec<String> {
    let mut tokens = Vec::with_capacity(spent.len());
    while tokens.len() < spent.len() {
        // A storm refuses some.
        let answer = client.login(EMAIL, PASSWORD).await;
        if answer.status == 200 {
            tokens.push(answer.text_at("/refresh_token"));
        }
    }
    tokens
}

/// Each connection follows its own chain of refresh tokens.
fn refreshing(tokens: &[String]) -> Vec<Script> {
    let chain = |first: &String| -> Script {
        let mut current = first.clone();
        Box::new(move |last| {
            let next = last.and_then(|body| serde_json::from_str::<Value>(body).ok());
            if let Some(next) = next.as_ref().and_then(|json| json["refresh_token"].as_str()) {
                next.clone_into(&mut current);
            }
            post("/api/v1/auth/refresh", &json!({"refresh_token": current}).to_string())
        })
    };
    tokens.iter().map(chain).collect()
}

/// Refresh beside its own statements on SQLite alone.
pub(crate) async fn refresh(report: &mut Report) {
    let server = server();
    let client = server.client();
    register(&client, EMAIL).await;
    let mut tokens = sessions(&client).await;
    // The limit runs on a copy, so that neither waits for the other's lock.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(server.data_dir().join("gatewright.db"), &copy).unwrap();
    let log = server.data_dir().join("gatewright.db-wal");
    std::fs::copy(log, folder.path().join("copy.db-wal")).unwrap();
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let path = copy.clone();
        limit.push(
            tokio::task::spawn_blocking(move || bare_sqlite::rate(&path, ROUND))
                .await
                .unwrap(),
        );
        let load = run(address(&server), refreshing(&tokens), ROUND).await;
        assert_eq!(load.refused, 0, "refreshes were refused");
        ours.push(load.rate);
        tokens = sessions(&client).await;
    }
    report.ratio(
        "refresh beside its statements alone",
        &Rounds(ours),
        &Rounds(limit),
        "/s",
        0.5,
    );
}

/// Whether the time of an answer tells a known address from an unknown one: interleaved, one at a time.
pub(crate) async fn enumeration(report: &mut Report) {
    let server = Server::with(&[("RATE_LIMITS", "off"), ("LOG_LEVEL", "warn")]);
    let client = server.client();
    client.register(&server.mailbox(), EMAIL, PASSWORD).await;
    for (path, with_password, pairs) in [
        ("/auth/login", true, 500),
        ("/auth/register", true, 200),
        ("/auth/password/forgot", false, 500),
        ("/auth/register/resend", false, 500),
    ] {
        let difference = median_difference(&client, path, with_password, pairs).await;
        report.at_most(
            &format!("{path}: known against unknown, median difference"),
            difference,
            "ms",
            2.0,
        );
    }
}

async fn median_difference(client: &Client, path: &str, with_password: bool, pairs: usize) -> f64 {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..pairs {
        let stranger = format!("nobody-{n}@example.org");
        for (email, times) in [(EMAIL, &mut known), (stranger.as_str(), &mut unknown)] {
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
