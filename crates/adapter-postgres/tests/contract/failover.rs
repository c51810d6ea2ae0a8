//! Several hosts, and servers that no longer take writes.

use crate::faults::{insert, private_server, store_at, until_healthy};
use gatewright_application::ports::change::Changes;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::{Client, NoTls};

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// As a server that was demoted, and waits until the open sessions know.
async fn set_read_only(client: &Client, read_only: bool) {
    let value = if read_only { "on" } else { "off" };
    let set = format!("alter system set default_transaction_read_only = {value}");
    client
        .batch_execute("set default_transaction_read_only = off")
        .await
        .unwrap();
    client.batch_execute(&set).await.unwrap();
    client
        .batch_execute("reset default_transaction_read_only")
        .await
        .unwrap();
    client.batch_execute("select pg_reload_conf()").await.unwrap();
    let query = "show default_transaction_read_only";
    while client.query_one(query, &[]).await.unwrap().get::<_, &str>(0) != value {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_writes_is_not_trusted_until_it_does_again() {
    let server = private_server(&[]);
    let store = store_at(&server.url());
    store.prepare(true).await.unwrap();
    store.apply(insert(1)).await.unwrap();
    let client = connect(&server.url()).await;

    set_read_only(&client, true).await;
    let mut refused = store.apply(insert(2)).await;
    while refused.is_ok() {
        // A session learns of it a moment later than another.
        refused = store.apply(insert(3)).await;
    }
    assert!(matches!(refused, Err(PortError::Unavailable { .. })), "{refused:?}");
    assert_eq!(store.pool_status().size, 0, "connections to it are kept");
    let error = store.check().await.unwrap_err();
    assert!(error.to_string().contains("does not allow writes"), "{error}");

    set_read_only(&client, false).await;
    until_healthy(&store).await;
    store.apply(insert(4)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_host_that_takes_writes_is_used() {
    let (mut first, second) = (private_server(&[]), private_server(&[]));
    let url = both(&first.url(), &second.url());
    // The servers of this test have passwords of their own, and a URL has one.
    for server in [&first, &second] {
        let client = connect(&server.url()).await;
        client
            .batch_execute("alter role gatewright password 'the same'")
            .await
            .unwrap();
    }
    let (on_first, on_second) = (renamed(&first.url()), renamed(&second.url()));
    store_at(&on_first).prepare(true).await.unwrap();
    store_at(&on_second).prepare(true).await.unwrap();

    let store = store_at(&url);
    store.prepare(false).await.unwrap();
    set_read_only(&connect(&on_first).await, true).await;
    until_used(&store, &on_second).await;

    // One that hangs is not waited for either.
    set_read_only(&connect(&on_first).await, false).await;
    set_read_only(&connect(&on_second).await, true).await;
    until_used(&store, &on_first).await;
    set_read_only(&connect(&on_second).await, false).await;
    first.pause().unwrap();
    until_used(&store, &on_second).await;
}

/// Writes until a write arrives at the server at `url`.
async fn until_used(store: &gatewright_adapter_postgres::PostgresStore, url: &str) {
    let client = connect(url).await;
    client.batch_execute("delete from users").await.unwrap();
    let asking = async {
        for number in 0.. {
            let _ = store.apply(insert(number)).await;
            let count = client.query_one("select count(*) from users", &[]).await.unwrap();
            if count.get::<_, i64>(0) > 0 {
                break;
            }
        }
    };
    timeout(Duration::from_secs(30), asking).await.unwrap();
}

fn renamed(url: &str) -> String {
    let host = url.split('@').nth(1).unwrap();
    format!("postgres://gatewright:the%20same@{host}")
}

fn both(first: &str, second: &str) -> String {
    let host = |url: &str| {
        let address = url.split('@').nth(1).unwrap();
        address.split('/').next().unwrap().to_owned()
    };
    format!(
        "postgres://gatewright:the%20same@{},{}/postgres",
        host(first),
        host(second)
    )
}
