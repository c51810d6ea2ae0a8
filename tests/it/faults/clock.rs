//! A clock is wrong, or is set to another time while somebody goes by it.

use super::asking::{BACK, until, until_ready};
use super::own_postgres;
use gatewright_private_servers::PostgresServer;
use gatewright_tests::client::{Client, PASSWORD};
use gatewright_tests::environment::Environment;
use gatewright_tests::mailbox::Mailbox;
use gatewright_tests::replica::Replica;
use gatewright_tests::server::Server;
use gatewright_tests::set::{Set, only_on};
use reqwest::Method;
use serde_json::json;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

const ANN: &str = "ann@example.org";
const LIBRARY: &str = "GATEWRIGHT_TEST_FAKETIME";
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A clock that programs go by which are started with its settings, and that can be set while they run.
struct OtherClock {
    folder: TempDir,
    library: String,
}

impl OtherClock {
    /// One that is right.
    fn new() -> Self {
        let library = std::env::var_os(LIBRARY).and_then(|path| path.into_string().ok());
        let library = library.unwrap_or_else(|| panic!("set {LIBRARY}, or run `cargo xtask test`"));
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL has an account of its own.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let clock = Self { folder, library };
        clock.set_ahead_by(0);
        clock
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("offset")
    }

    /// Sets it to so many seconds ahead of what is right; behind it for a number below zero.
    fn set_ahead_by(&self, seconds: i64) {
        // Nobody is to read half of it.
        let new = self.folder.path().join("new-offset");
        fs::write(&new, format!("{seconds:+}\n")).unwrap();
        fs::rename(new, self.file()).unwrap();
    }

    /// What libfaketime is told. The monotonic clock, by which a program waits, goes on as it is.
    fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("LD_PRELOAD", self.library.clone()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }

    /// A PostgreSQL that goes by it.
    fn postgres(&self) -> PostgresServer {
        let exports = self
            .settings()
            .iter()
            .fold(String::new(), |mut exports, (name, value)| {
                let _ = writeln!(exports, "export {name}='{value}'");
                exports
            });
        for program in ["initdb", "postgres"] {
            let file = self.folder.path().join(program);
            let real = own_postgres::binaries().join(program);
            // Making the database needs no time.
            let exports = if program == "postgres" { exports.as_str() } else { "" };
            fs::write(&file, format!("#!/bin/sh\n{exports}exec '{}' \"$@\"\n", real.display())).unwrap();
            fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        PostgresServer::start(self.folder.path(), &[]).unwrap()
    }
}

async fn verify(client: &Client, flow: &str, code: &str) -> gatewright_tests::answer::Answer {
    client
        .post("/auth/register/verify", json!({"flow_id": flow, "code": code}))
        .await
}

/// Waits until readiness tells about the clock what it should.
async fn until_the_clock_is(client: &Client, expected: &str) {
    let overall = if expected == "ok" { "ok" } else { "degraded" };
    let ready = until(client, "/health/ready", |answer| {
        answer.json()["dependencies"]["clock"] == expected
    });
    let ready = ready.await.expect(200);
    assert_eq!(ready.json()["status"], overall, "{}", ready.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f20_f21_servers_whose_clocks_differ_agree_on_the_time_of_the_database() {
    if !only_on(&[Set::Postgres, Set::Replicas], "SQLite goes by the machine's clock") {
        return;
    }
    let right = Server::with(&[("RATE_LIMITS", "off")]);
    let mailbox = right.mailbox();
    let clock = OtherClock::new();
    let wrong = Replica::start(right.command(&[]).envs(clock.settings()));
    let (at_right, at_wrong) = (right.client(), wrong.client());
    until_the_clock_is(&at_wrong, "ok").await;
    for offset in [5 * MINUTE, -5 * MINUTE, 2 * HOUR, -2 * HOUR] {
        // While it runs, as when somebody sets a machine's clock.
        clock.set_ahead_by(offset);
        until_the_clock_is(&at_wrong, "unavailable").await;
        until_the_clock_is(&at_right, "ok").await;
        agree(
            &right,
            (&at_right, &at_wrong),
            &mailbox,
            &format!("of{offset}@example.org"),
        )
        .await;
        agree(
            &right,
            (&at_wrong, &at_right),
            &mailbox,
            &format!("to{offset}@example.org"),
        )
        .await;
        // One that starts with it does as well.
        let started = Replica::start(right.command(&[]).envs(clock.settings()));
        until_ready(&started.client()).await;
        let clients = (&at_right, &started.client());
        agree(&right, clients, &mailbox, &format!("late{offset}@example.org")).await;
    }
    let doctor = right.command(&["doctor"]).envs(clock.settings()).output().unwrap();
    let told = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(told.contains("clock is ahead of the database's by -7"), "{told}");
    clock.set_ahead_by(0);
    until_the_clock_is(&at_wrong, "ok").await;
}

/// What one of them gives out is good for the other until it is over, and then it is over for both.
async fn agree(server: &Server, (one, other): (&Client, &Client), mailbox: &Mailbox, email: &str) {
    let flow = one.sign_up(email, PASSWORD).await;
    let code = mailbox.wait_for(email, 1).code();
    let person = verify(other, &flow, &code).await.expect(201);
    let (access, refresh) = (person.text_at("/access_token"), person.text_at("/refresh_token"));
    one.get_as(&access, "/users/me").await.expect(200);
    let next = one.refresh(&refresh).await.expect(200);
    other
        .get_as(&next.text_at("/access_token"), "/users/me")
        .await
        .expect(200);

    let late = format!("late-{email}");
    let flow = one.sign_up(&late, PASSWORD).await;
    let code = mailbox.wait_for(&late, 1).code();
    let environment = server.environment();
    environment.execute(&format!(
        "update challenges set code_expires_at = now(), link_expires_at = now() where id = '{flow}'"
    ));
    environment.execute("update sessions set idle_expires_at = now()");
    for client in [one, other] {
        verify(client, &flow, &code).await.expect_problem(401, "expired_token");
        let over = client.refresh(&next.text_at("/refresh_token")).await;
        assert_eq!(over.status, 401, "{}", over.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_what_is_over_is_refused_though_nobody_cleans_up() {
    if !only_on(&[Set::Sqlite, Set::Postgres], "two servers go by the same clock") {
        return;
    }
    let clock = OtherClock::new();
    let mut settings = vec![("SCHEDULER", "external".to_owned()), ("RATE_LIMITS", "off".to_owned())];
    // The clock that counts is the database's, where that is a server.
    let postgres = (Set::chosen() == Set::Postgres).then(|| clock.postgres());
    match &postgres {
        Some(postgres) => settings.push(("DATABASE_URL", postgres.url())),
        None => settings.extend(clock.settings()),
    }
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let environment = Arc::new(Environment::new(&settings));
    let server = Server::start_in(Arc::clone(&environment));
    let (client, mailbox) = (server.client(), server.mailbox());
    let scheduler = gatewright_tests::scheduler::Scheduler::start_in(&environment);
    let ann = client.register(&mailbox, ANN, PASSWORD).await;
    let flow = client.sign_up("bob@example.org", PASSWORD).await;
    let bob = mailbox.wait_for("bob@example.org", 1);
    client
        .post("/auth/password/forgot", json!({"email": ANN}))
        .await
        .expect(202);
    let reset = mailbox.wait_for(ANN, 2).token();
    scheduler.kill();

    clock.set_ahead_by(DAY + HOUR);
    let me = || {
        client
            .request(Method::GET, "/api/v1/users/me")
            .bearer_auth(&ann.access_token)
    };
    let given_up_at = Instant::now() + BACK;
    while client.send(me()).await.status == 200 {
        assert!(Instant::now() < given_up_at, "the clock is not followed");
        sleep(std::time::Duration::from_millis(50)).await;
    }
    client.send(me()).await.expect_problem(401, "expired_token");
    verify(&client, &flow, &bob.code())
        .await
        .expect_problem(401, "expired_token");
    let body = json!({"token": bob.token()});
    client
        .post("/auth/register/verify", body)
        .await
        .expect_problem(401, "expired_token");
    let body = json!({"token": reset, "new_password": format!("{PASSWORD} 2")});
    client
        .post("/auth/password/reset", body)
        .await
        .expect_problem(401, "expired_token");
    client.refresh(&ann.refresh_token).await.expect(200);

    clock.set_ahead_by(40 * DAY);
    let given_up_at = Instant::now() + BACK;
    while client.refresh(&ann.refresh_token).await.status == 200 {
        assert!(Instant::now() < given_up_at, "the clock is not followed");
        sleep(std::time::Duration::from_millis(50)).await;
    }
    let over = client.refresh(&ann.refresh_token).await;
    assert_eq!(over.status, 401, "{}", over.text);
    client.login(ANN, PASSWORD).await.expect(200);
}
