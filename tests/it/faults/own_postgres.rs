//! A PostgreSQL that a test may break.

use gatewright_private_servers::{PostgresServer, installed_postgres};
use gatewright_tests::environment::Environment;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_postgres::{Client, NoTls};

/// As it is installed.
pub(super) fn binaries() -> PathBuf {
    installed_postgres().expect("install PostgreSQL, or run `cargo xtask test`")
}

/// One with these settings.
pub(super) fn start(settings: &[&str]) -> PostgresServer {
    PostgresServer::start(&binaries(), settings).unwrap()
}

/// An environment whose servers use it, and let one client register as often as it likes.
pub(super) fn environment(postgres: &PostgresServer) -> Arc<Environment> {
    let url = postgres.url();
    let own: [(&str, &str); 1] = [("DATABASE_URL", &url)];
    Arc::new(Environment::new(&[&own[..], &super::load::SETTINGS].concat()))
}

/// A connection to it.
pub(super) async fn connect(postgres: &PostgresServer) -> Client {
    let (client, connection) = tokio_postgres::connect(&postgres.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// What one registration writes stands together or not at all.
pub(super) async fn assert_nothing_is_half_done(postgres: &PostgresServer) {
    let client = connect(postgres).await;
    for parts in crate::crash::HALF_DONE {
        let count = format!("select count(*) from {parts}");
        let rows: i64 = client.query_one(&count, &[]).await.unwrap().get(0);
        assert_eq!(rows, 0, "{parts}");
    }
}

/// Everybody who was told to be registered is.
pub(super) async fn assert_registered(postgres: &PostgresServer, addresses: &[String]) {
    let stored = "select count(*) from users where email_canonical = any($1)";
    let rows = connect(postgres).await.query_one(stored, &[&addresses]).await.unwrap();
    let rows: i64 = rows.get(0);
    assert_eq!(usize::try_from(rows), Ok(addresses.len()));
}
