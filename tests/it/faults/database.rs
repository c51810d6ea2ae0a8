//! PostgreSQL is away, hangs, is killed, or is asked for more than it can do at a time.

use super::asking::{bounded, expect_unavailable, until, until_ready};
use super::load::{self, Load, register};
use super::own_postgres::{self, assert_nothing_is_half_done, assert_registered};
use gatewright_tests::answer::Answer;
use gatewright_tests::client::{Client, PASSWORD, SignedIn};
use gatewright_tests::server::Server;
use gatewright_tests::set::{Set, only_on};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

const ANN: &str = "ann@example.org";

fn is_for_this_set() -> bool {
    only_on(&[Set::Postgres], "it is about a PostgreSQL of its own")
}

/// Registers without a mail.
async fn join(client: &Client, email: &str) -> SignedIn {
    SignedIn::from_answer(&register(client, email).await.unwrap().expect(201))
}

/// What needs the database, by everybody at once.
async fn call_everything(client: &Client, ann: &SignedIn) -> Vec<Answer> {
    let sessions = client.get_as(&ann.access_token, "/users/me/sessions");
    let profile = client.get_as(&ann.access_token, "/users/me");
    let log_in = client.login(ANN, PASSWORD);
    let refresh = client.refresh(&ann.refresh_token);
    let forgot = client.post("/auth/password/forgot", json!({"email": ANN}));
    let reading = async { [bounded(sessions).await, bounded(profile).await] };
    let entering = async { [bounded(log_in).await, bounded(refresh).await] };
    let (reading, entering, forgot) = tokio::join!(reading, entering, bounded(forgot));
    [&reading[..], &entering, &[forgot]].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_f07_without_the_database_it_says_so_and_with_it_comes_back_by_itself() {
    if !is_for_this_set() {
        return;
    }
    let mut postgres = own_postgres::start(&[]);
    let server = Server::start_in(own_postgres::environment(&postgres));
    let client = server.client();
    let ann = join(&client, ANN).await;
    let keys = client.get("/.well-known/paseto-keys").await.expect(200).text;
    let load = Load::start(&client, "load", 4).await;

    postgres.stop().unwrap();
    let ready = until(&client, "/health/ready", |answer| answer.status == 503).await;
    assert_eq!(
        ready.json()["dependencies"]["database"],
        "unavailable",
        "{}",
        ready.text
    );
    for answer in call_everything(&client, &ann).await {
        expect_unavailable(&answer);
    }
    let log_out = client.post("/auth/logout", json!({"refresh_token": ann.refresh_token}));
    expect_unavailable(&bounded(log_out).await);
    bounded(client.get("/health/live")).await.expect(200);
    // Whoever verifies tokens by these goes on.
    let published = bounded(client.get("/.well-known/paseto-keys")).await.expect(200);
    assert_eq!(published.text, keys);

    postgres.start_again().unwrap();
    until_ready(&client).await;
    client.get_as(&ann.access_token, "/users/me").await.expect(200);
    client.login(ANN, PASSWORD).await.expect(200);
    let next = SignedIn::from_answer(&client.refresh(&ann.refresh_token).await.expect(200));
    client
        .get_as(&next.access_token, "/users/me/sessions")
        .await
        .expect(200);
    for done in load.stop().await {
        let told: Vec<u16> = done
            .statuses
            .iter()
            .flatten()
            .map(reqwest::StatusCode::as_u16)
            .collect();
        assert_eq!(told.len(), done.statuses.len(), "a request had no answer");
        assert!(told.contains(&503), "it was not under load: {told:?}");
        let expected = [200, 201, 503];
        assert!(told.iter().all(|status| expected.contains(status)), "{told:?}");
        done.assert_kept(&client).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f07_a_database_that_comes_after_the_server_is_migrated_and_used() {
    if !is_for_this_set() {
        return;
    }
    let mut postgres = own_postgres::start(&[]);
    postgres.stop().unwrap();
    let server = Server::start_in(own_postgres::environment(&postgres));
    let client = server.client();
    bounded(client.get("/health/live")).await.expect(200);
    bounded(client.get("/health/ready")).await.expect(503);
    expect_unavailable(&register(&client, ANN).await.unwrap());

    postgres.start_again().unwrap();
    until_ready(&client).await;
    let ann = join(&client, ANN).await;
    for answer in call_everything(&client, &ann).await {
        assert!(answer.status.is_success(), "{} {}", answer.status, answer.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_a_database_that_hangs_or_is_locked_holds_nobody_up() {
    if !is_for_this_set() {
        return;
    }
    let mut postgres = own_postgres::start(&[]);
    let server = Server::start_in(own_postgres::environment(&postgres));
    let client = server.client();
    let ann = join(&client, ANN).await;

    postgres.pause().unwrap();
    // The second time the connections that hung are not used any more.
    for _ in 0..2 {
        for answer in call_everything(&client, &ann).await {
            expect_unavailable(&answer);
        }
    }
    let ready = bounded(client.get("/health/ready")).await.expect(503);
    assert_eq!(
        ready.json()["dependencies"]["database"],
        "unavailable",
        "{}",
        ready.text
    );
    bounded(client.get("/health/live")).await.expect(200);
    postgres.resume().unwrap();
    until_ready(&client).await;

    let mut locker = own_postgres::connect(&postgres).await;
    let lock = locker.transaction().await.unwrap();
    lock.batch_execute("lock table users in access exclusive mode")
        .await
        .unwrap();
    let logins = (0..20).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { bounded(client.login(ANN, PASSWORD)).await })
    });
    for login in logins.collect::<Vec<_>>() {
        expect_unavailable(&login.await.unwrap());
    }
    bounded(client.get("/health/ready")).await.expect(200);
    lock.rollback().await.unwrap();
    bounded(client.login(ANN, PASSWORD)).await.expect(200);
    client.get_as(&ann.access_token, "/users/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f10_more_clients_than_connections_are_all_answered() {
    if !only_on(&[Set::Postgres, Set::Replicas], "SQLite has no pool of connections") {
        return;
    }
    let server = Server::with(&[&load::SETTINGS[..], &[("DATABASE_POOL_SIZE", "2")]].concat());
    let client = server.client();
    let ann = join(&client, ANN).await;
    let crowd = (0..200).map(|number| {
        let (client, token) = (client.clone(), ann.access_token.clone());
        tokio::spawn(async move {
            if number % 5 == 0 {
                bounded(client.login(ANN, PASSWORD)).await
            } else {
                bounded(client.get_as(&token, "/users/me/sessions")).await
            }
        })
    });
    let crowd: Vec<_> = crowd.collect();
    while !crowd.iter().all(tokio::task::JoinHandle::is_finished) {
        bounded(client.get("/health/live")).await.expect(200);
        let health = bounded(client.get("/health")).await;
        assert!([200, 503].contains(&health.status.as_u16()), "{}", health.text);
    }
    let mut successes = 0;
    for answer in crowd {
        let answer = answer.await.unwrap();
        if answer.status == 200 {
            successes += 1;
        } else {
            expect_unavailable(&answer);
        }
    }
    assert!(successes > 0);
    bounded(client.login(ANN, PASSWORD)).await.expect(200);
    until_ready(&client).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f12_what_was_acknowledged_outlives_the_database_server() {
    if !is_for_this_set() {
        return;
    }
    // As it is in production.
    let durable = ["fsync=on", "synchronous_commit=on", "full_page_writes=on"];
    let mut postgres = own_postgres::start(&durable);
    let server = Server::start_in(own_postgres::environment(&postgres));
    let client = server.client();
    for round in 0..2 {
        let load = Load::start(&client, &format!("round-{round}"), 4).await;
        // While these are answered, the others are at every stage of being done.
        for number in 0..5 {
            let email = format!("meanwhile-{round}-{number}@example.org");
            register(&client, &email).await.unwrap().expect(201);
        }
        postgres.kill().unwrap();
        until(&client, "/health/ready", |answer| answer.status == 503).await;
        postgres.start_again().unwrap();
        until_ready(&client).await;
        let all = load.stop().await;
        assert!(all.iter().any(|done| done.registered.len() > 1));
        assert_nothing_is_half_done(&postgres).await;
        for done in all {
            assert_registered(&postgres, &done.registered).await;
            done.assert_kept(&client).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_a_hanging_database_does_not_keep_the_server_from_stopping() {
    if !is_for_this_set() {
        return;
    }
    let mut postgres = own_postgres::start(&[]);
    let mut server = Server::start_in(own_postgres::environment(&postgres));
    let client = server.client();
    postgres.pause().unwrap();
    let under_way = client.request(Method::POST, "/api/v1/auth/login");
    let under_way = under_way.json(&json!({"login": ANN, "password": PASSWORD})).send();
    let under_way = tokio::spawn(under_way);
    until(&client, "/health/ready", |answer| answer.status == 503).await;
    server.terminate();
    bounded(under_way).await.unwrap().unwrap();
    let end = tokio::task::spawn_blocking(move || server.wait());
    // What most process managers wait before they kill.
    let end = tokio::time::timeout(Duration::from_secs(30), end).await;
    assert!(end.unwrap().unwrap().success());
}
