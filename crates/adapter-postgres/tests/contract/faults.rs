//! A server that is down, that hangs, or that has more to do than it can.

use crate::fresh_storage::Schema;
use gatewright_adapter_postgres::{PostgresOptions, PostgresStore, PrepareError};
use gatewright_application::ports::change::{Change, Changes, UserChange};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use gatewright_application::ports::users::Users;
use gatewright_contract::samples::{mail, user};
use gatewright_private_servers::{PostgresServer, installed_postgres};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Two seconds are promised; machines that run tests are busy.
const PROMISED: Duration = Duration::from_secs(5);

/// A server for one test.
pub(crate) fn private_server(settings: &[&str]) -> PostgresServer {
    let Some(binaries) = installed_postgres() else {
        panic!(
            "no PostgreSQL on this machine: run `cargo xtask test`, which installs it, or `apt-get install postgresql`"
        );
    };
    PostgresServer::start(&binaries, settings).unwrap()
}

/// A store with the time-outs of production.
pub(crate) fn store_at(url: &str) -> Arc<PostgresStore> {
    Arc::new(PostgresStore::new(PostgresOptions::from_url(url).unwrap()).unwrap())
}

pub(crate) fn insert(number: u32) -> Vec<Change> {
    let user = user(number);
    let insert = UserChange::Insert { user, password: None };
    vec![Change::User(insert), Change::Mail(mail(number))]
}

/// Asks until the database works again.
pub(crate) async fn until_healthy(store: &PostgresStore) {
    let asking = async {
        while store.check().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), asking).await.unwrap();
}

/// Calls of every kind, many at a time; each is answered, by what says that it can be tried again.
async fn every_call_is_sent_away(store: &Arc<PostgresStore>) {
    let mut calls = JoinSet::new();
    for number in 0..20 {
        let (reading, writing, asking) = (Arc::clone(store), Arc::clone(store), Arc::clone(store));
        calls.spawn(async move { Users::find(reading.as_ref(), user(number).id).await.map(drop) });
        calls.spawn(async move { writing.apply(insert(100 + number)).await });
        calls.spawn(async move { asking.check().await });
    }
    for outcome in timeout(PROMISED, calls.join_all()).await.unwrap() {
        assert!(
            matches!(
                outcome,
                Err(PortError::Unavailable {
                    dependency: "database",
                    ..
                } | PortError::Overloaded { .. })
            ),
            "{outcome:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_f07_a_server_that_is_down_is_told_at_once_and_used_again_when_it_is_back() {
    let mut server = private_server(&[]);
    let store = store_at(&server.url());
    store.prepare(true).await.unwrap();
    store.apply(insert(1)).await.unwrap();
    for crash in [false, true] {
        if crash { server.kill() } else { server.stop() }.unwrap();
        every_call_is_sent_away(&store).await;
        server.start_again().unwrap();
        timeout(PROMISED, until_healthy(&store)).await.unwrap();
        let found = Users::find(store.as_ref(), user(1).id).await.unwrap();
        assert!(found.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_a_server_that_comes_after_us_is_waited_for() {
    let mut server = private_server(&[]);
    server.stop().unwrap();
    let store = store_at(&server.url());
    every_call_is_sent_away(&store).await;
    for migrate in [false, true] {
        let error = store.prepare(migrate).await.unwrap_err();
        assert!(
            matches!(&error, PrepareError::Migration(error) if error.to_string().contains("cannot connect")),
            "{error}"
        );
    }

    server.start_again().unwrap();
    let run = timeout(PROMISED, store.prepare(true)).await.unwrap().unwrap();
    assert!(!run.is_empty());
    store.apply(insert(1)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f09_a_server_that_hangs_keeps_nobody_waiting() {
    let mut server = private_server(&[]);
    let store = store_at(&server.url());
    store.prepare(true).await.unwrap();
    store.apply(insert(1)).await.unwrap();
    for _ in 0..2 {
        server.pause().unwrap();
        every_call_is_sent_away(&store).await;
        assert_eq!(
            store.pool_status().idle,
            0,
            "a connection that did not answer is used again"
        );
        server.resume().unwrap();
        timeout(PROMISED, until_healthy(&store)).await.unwrap();
        let found = Users::find(store.as_ref(), user(1).id).await.unwrap();
        assert!(found.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f09_a_table_that_somebody_locks_keeps_nobody_waiting() {
    let schema = Schema::migrated();
    let store = store_at(&schema.url());
    store.prepare(false).await.unwrap();
    let other = schema.connect().await;
    other.batch_execute("begin; lock table users").await.unwrap();
    let mut calls = JoinSet::new();
    for number in 0..40 {
        let store = Arc::clone(&store);
        calls.spawn(async move { Users::find(store.as_ref(), user(number).id).await });
    }
    for outcome in timeout(PROMISED, calls.join_all()).await.unwrap() {
        let sent_away = matches!(
            outcome,
            Err(PortError::Unavailable { .. } | PortError::Overloaded { .. })
        );
        assert!(sent_away, "{outcome:?}");
    }
    other.batch_execute("rollback").await.unwrap();
    assert_eq!(Users::find(store.as_ref(), user(1).id).await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_two_hundred_callers_of_two_connections_are_all_answered() {
    let schema = Schema::migrated();
    let mut options = PostgresOptions::from_url(&schema.url()).unwrap();
    options.pool_size = NonZeroUsize::new(2).unwrap();
    options.queue_places = 100;
    let store = Arc::new(PostgresStore::new(options).unwrap());
    store.prepare(false).await.unwrap();
    let other = schema.connect().await;
    other.batch_execute("begin; lock table users").await.unwrap();

    let mut calls = JoinSet::new();
    for number in 0..200 {
        let store = Arc::clone(&store);
        calls.spawn(async move { Users::find(store.as_ref(), user(number).id).await });
    }
    let outcomes = timeout(PROMISED, calls.join_all()).await.unwrap();
    let overloaded = |outcome: &&Result<_, PortError>| matches!(outcome, Err(PortError::Overloaded { .. }));
    assert!(outcomes.iter().all(Result::is_err));
    assert!(outcomes.iter().filter(overloaded).count() >= 98, "the line has an end");
    assert!(store.pool_status().size <= 2);

    other.batch_execute("rollback").await.unwrap();
    until_healthy(&store).await;
    assert_eq!(Users::find(store.as_ref(), user(1).id).await, Ok(None));
    assert_eq!(store.pool_status().waiting, 0);
}

#[tokio::test]
async fn a_closed_store_sends_everybody_away() {
    let schema = Schema::migrated();
    let store = store_at(&schema.url());
    store.prepare(false).await.unwrap();
    assert_eq!(store.check().await, Ok(()));
    store.close();
    let error = store.check().await.unwrap_err();
    assert!(
        matches!(&error, PortError::Unavailable { reason, .. } if reason == "it was closed"),
        "{error}"
    );
    assert_eq!(store.pool_status().size, 0);
}
