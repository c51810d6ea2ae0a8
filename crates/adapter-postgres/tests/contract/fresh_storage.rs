//! A migrated, empty schema of its own.

use crate::inspection::PostgresInspection;
use gatewright_adapter_postgres::{PostgresOptions, PostgresStore};
use gatewright_contract::maintenance_storage::MaintenanceStorage;
use gatewright_contract::run_job::Processes;
use gatewright_contract::storage::Storage;
use std::fmt::Write;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;
use tokio_postgres::{Client, NoTls};

/// Tells the schemas of one process apart.
static SCHEMAS: AtomicU32 = AtomicU32::new(0);

/// What the migrations make, in one go: running them one by one for each case would take most of the time.
static MIGRATED: LazyLock<String> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    let mut sql = "create table __diesel_schema_migrations (version varchar(50) primary key,
        run_on timestamp not null default current_timestamp);"
        .to_owned();
    for folder in names {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let version = name.split('_').next().unwrap().replace('-', "");
        sql.push_str(&fs::read_to_string(folder.join("up.sql")).unwrap());
        writeln!(
            sql,
            "insert into __diesel_schema_migrations (version) values ('{version}');"
        )
        .unwrap();
    }
    sql
});

/// A schema that is dropped with this.
pub(crate) struct Schema {
    name: String,
}

impl Schema {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let number = SCHEMAS.fetch_add(1, Ordering::Relaxed);
        let name = format!("gatewright_test_{}_{number}", process::id());
        // A process of the same number may have been killed before it could drop its own.
        run_on_server(&format!("drop schema if exists {name} cascade; create schema {name}"));
        Self { name }
    }

    /// One with everything that the migrations make.
    pub(crate) fn migrated() -> Self {
        let schema = Self::new();
        run_on_server(&format!(
            "begin; set local search_path = {}; {} commit",
            schema.name, *MIGRATED
        ));
        schema
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The URL of the database that leads into this schema.
    pub(crate) fn url(&self) -> String {
        let server = server_url();
        let separator = if server.contains('?') { '&' } else { '?' };
        format!("{server}{separator}options=-csearch_path%3D{}", self.name)
    }

    /// As a server with time to spare would be used: no test waits in vain on a busy machine.
    pub(crate) fn options(&self) -> PostgresOptions {
        let patience = Duration::from_mins(1);
        let mut options = PostgresOptions::from_url(&self.url()).unwrap();
        options.pool_size = NonZeroUsize::new(8).unwrap();
        options.acquire_timeout = patience;
        options.statement_timeout = patience;
        options.lock_timeout = patience;
        options
    }

    /// A connection of the test's own into this schema.
    pub(crate) async fn connect(&self) -> Client {
        connect(&self.url()).await
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // A test that failed may have left a connection behind that holds a lock, and this thread to end it.
        let patience = if thread::panicking() { "1s" } else { "0" };
        run_on_server(&format!(
            "set lock_timeout = '{patience}'; drop schema {} cascade",
            self.name
        ));
    }
}

#[expect(clippy::disallowed_methods, reason = "where the server for tests is")]
fn server_url() -> String {
    let Ok(url) = std::env::var("GATEWRIGHT_TEST_POSTGRES_URL") else {
        panic!("set GATEWRIGHT_TEST_POSTGRES_URL, or run `cargo xtask test`");
    };
    url
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// On a thread of its own, so that it can be called, and dropped, in the middle of asynchronous code.
fn run_on_server(sql: &str) {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let client = connect(&server_url()).await;
            client.batch_execute("set client_min_messages = warning").await.unwrap();
            client.batch_execute(sql).await.unwrap();
        });
    };
    let outcome = thread::scope(|scope| scope.spawn(run).join());
    // One panic is enough.
    assert!(outcome.is_ok() || thread::panicking(), "{sql}");
}

/// A store on a fresh schema.
pub(crate) async fn fresh_store() -> (Schema, PostgresStore) {
    let schema = Schema::migrated();
    let store = PostgresStore::new(schema.options()).unwrap();
    store.prepare(false).await.unwrap();
    (schema, store)
}

/// What a contract suite asks for.
pub(crate) async fn fresh_storage() -> Storage {
    let (schema, store) = fresh_store().await;
    storage_over(&Arc::new(store), Arc::new(schema))
}

/// What the suites about background work ask for.
pub(crate) async fn fresh_maintenance_storage() -> MaintenanceStorage {
    maintenance_over(&Arc::new(Schema::migrated())).await
}

/// Three processes on one schema.
pub(crate) async fn processes_on_a_fresh_schema() -> Processes {
    let schema = Arc::new(Schema::migrated());
    [
        maintenance_over(&schema).await,
        maintenance_over(&schema).await,
        maintenance_over(&schema).await,
    ]
}

async fn maintenance_over(schema: &Arc<Schema>) -> MaintenanceStorage {
    let store = Arc::new(PostgresStore::new(schema.options()).unwrap());
    store.prepare(false).await.unwrap();
    MaintenanceStorage {
        storage: storage_over(&store, Arc::clone(schema)),
        jobs: store.clone(),
        expired_rows: store,
    }
}

fn storage_over(store: &Arc<PostgresStore>, schema: Arc<Schema>) -> Storage {
    Storage {
        users: store.clone(),
        registrations: store.clone(),
        challenges: store.clone(),
        sessions: store.clone(),
        attempt_counters: store.clone(),
        changes: store.clone(),
        outbox: store.clone(),
        inspection: Arc::new(PostgresInspection::new(schema)),
    }
}
