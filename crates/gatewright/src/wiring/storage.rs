//! The database that the settings name, as the ports it serves.

mod data_folder;
mod postgres;
mod sqlite;

use crate::config::database::DatabaseConfig;
use crate::config::storage::StorageConfig;
use crate::start_error::StartError;
pub(crate) use data_folder::{DataFolderLock, lock_data_folder, make_data_folder, secret_key};
use gatewright_adapter_sqlite::SqliteStore;
use gatewright_application::ports::attempt_counters::AttemptCounters;
use gatewright_application::ports::challenges::Challenges;
use gatewright_application::ports::change::Changes;
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::expired_rows::ExpiredRows;
use gatewright_application::ports::health_probe::HealthProbe;
use gatewright_application::ports::jobs::Jobs;
use gatewright_application::ports::outbox::Outbox;
use gatewright_application::ports::registrations::Registrations;
use gatewright_application::ports::sessions::Sessions;
use gatewright_application::ports::users::Users;
pub(crate) use postgres::{PostgresDatabase, options as postgres_options};
use std::sync::Arc;
use std::time::Duration;

pub(super) const DATABASE: &str = "the database";

/// The storage ports over one database.
#[derive(Clone)]
pub(crate) struct Storage {
    pub(crate) users: Arc<dyn Users>,
    pub(crate) registrations: Arc<dyn Registrations>,
    pub(crate) challenges: Arc<dyn Challenges>,
    pub(crate) sessions: Arc<dyn Sessions>,
    pub(crate) attempt_counters: Arc<dyn AttemptCounters>,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) changes: Arc<dyn Changes>,
    pub(crate) jobs: Arc<dyn Jobs>,
    pub(crate) expired_rows: Arc<dyn ExpiredRows>,
    pub(crate) health: Arc<dyn HealthProbe>,
    /// The time that all processes on the database agree on.
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) database: Database,
}

/// The database itself, for what no port offers.
#[derive(Clone)]
pub(crate) enum Database {
    Sqlite(Arc<SqliteStore>),
    Postgres(PostgresDatabase),
}

impl Database {
    /// Waits until it can be used, at most for `patience`.
    pub(crate) async fn wait_until_ready(&self, patience: Duration) {
        match self {
            // A file is there, or the start failed.
            Self::Sqlite(_) => {}
            Self::Postgres(database) => database.wait_until_ready(patience).await,
        }
    }

    /// Whether the machine's clock is right, where the database's time tells.
    pub(crate) fn clock_health(&self) -> Option<Arc<dyn HealthProbe>> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(database) => Some(database.clock_health()),
        }
    }

    /// Finishes what was begun and takes nothing more.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(database) => database.store.close(),
        }
    }
}

/// Every port from one adapter that serves them all.
fn served_by<S>(store: &Arc<S>, clock: Arc<dyn Clock>, database: Database) -> Storage
where
    S: Users
        + Registrations
        + Challenges
        + Sessions
        + AttemptCounters
        + Outbox
        + Changes
        + Jobs
        + ExpiredRows
        + HealthProbe
        + 'static,
{
    Storage {
        users: store.clone(),
        registrations: store.clone(),
        challenges: store.clone(),
        sessions: store.clone(),
        attempt_counters: store.clone(),
        outbox: store.clone(),
        changes: store.clone(),
        jobs: store.clone(),
        expired_rows: store.clone(),
        health: store.clone(),
        clock,
        database,
    }
}

/// Opens the database.
pub(crate) fn open(config: &StorageConfig) -> Result<Storage, StartError> {
    match &config.database {
        DatabaseConfig::Sqlite(sqlite) => sqlite::open(config, sqlite),
        DatabaseConfig::Postgres(postgres) => postgres::open(config, postgres),
    }
}

/// A migration and whether it has been run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its name: date, number and what it does.
    pub name: String,
    /// Whether it has been run.
    pub applied: bool,
}

/// Runs every migration that has not been run, and names them.
///
/// # Errors
/// [`StartError`]; the database is as before then.
pub fn migrate_up(config: &StorageConfig) -> Result<Vec<String>, StartError> {
    match &config.database {
        DatabaseConfig::Sqlite(sqlite) => sqlite::migrate_up(config, sqlite),
        DatabaseConfig::Postgres(postgres) => postgres::migrate_up(config, postgres),
    }
}

/// Takes back the last `steps` migrations, and names them, the newest first.
///
/// # Errors
/// [`StartError`], for `SQLite` also where a server runs on the data folder; the database is as before then.
pub fn migrate_down(config: &StorageConfig, steps: usize) -> Result<Vec<String>, StartError> {
    match &config.database {
        DatabaseConfig::Sqlite(sqlite) => sqlite::migrate_down(config, sqlite, steps),
        DatabaseConfig::Postgres(postgres) => postgres::migrate_down(config, postgres, steps),
    }
}

/// Every migration and whether it has been run, the oldest first.
///
/// # Errors
/// [`StartError`] where the database cannot be read.
pub fn migration_status(config: &StorageConfig) -> Result<Vec<MigrationStatus>, StartError> {
    match &config.database {
        DatabaseConfig::Sqlite(sqlite) => sqlite::migration_status(config, sqlite),
        DatabaseConfig::Postgres(postgres) => postgres::migration_status(config, postgres),
    }
}
