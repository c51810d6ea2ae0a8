//! `PostgreSQL`.

use crate::config::database::{DATABASE_URL, PostgresConfig};
use crate::config::fault::Fault;
use crate::config::storage::{StorageConfig, TLS_CA_FILE};
use crate::start_error::StartError;
use crate::wiring::storage::{DATABASE, Database, MigrationStatus, Storage, served_by};
use gatewright_adapter_postgres::migrations::{self, MigrationError};
use gatewright_adapter_postgres::{DatabaseClock, PostgresOptions, PostgresStore};
use gatewright_application::ports::health_probe::HealthProbe;
use secrecy::ExposeSecret;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long to wait before asking again a database that is not ready.
const PAUSE: Duration = Duration::from_secs(1);
/// How often the database is asked for the time.
const RESAMPLE: Duration = Duration::from_secs(5);

/// A database that comes and goes.
#[derive(Clone)]
pub(crate) struct PostgresDatabase {
    pub(crate) store: Arc<PostgresStore>,
    clock: Arc<DatabaseClock>,
    migrate: bool,
}

/// A store that connects when it is asked for something: the database may come after us.
pub(super) fn open(config: &StorageConfig, postgres: &PostgresConfig) -> Result<Storage, StartError> {
    let options = options(config, postgres)?;
    let store = PostgresStore::new(options).map_err(|error| Fault::of(&TLS_CA_FILE, &error.to_string()))?;
    let store = Arc::new(store);
    let clock = Arc::new(DatabaseClock::new(Arc::clone(&store)));
    let database = PostgresDatabase {
        store: Arc::clone(&store),
        clock: Arc::clone(&clock),
        migrate: postgres.migrate_at_start,
    };
    Ok(served_by(&store, clock, Database::Postgres(database)))
}

impl PostgresDatabase {
    /// Waits until the database is reachable and up to date, at most for `patience`.
    pub(crate) async fn wait_until_ready(&self, patience: Duration) {
        // Whoever asks the database afterwards is told that it is away.
        let _ = timeout(patience, self.become_ready()).await;
    }

    /// Sees to it that the database can be used whenever it is there, and follows its time. Never ends.
    pub(crate) async fn attend(&self) {
        self.become_ready().await;
        loop {
            sleep(RESAMPLE).await;
            if let Err(error) = self.clock.resample().await {
                tracing::debug!(%error, "the database's time cannot be asked for");
            }
        }
    }

    pub(crate) fn clock_health(&self) -> Arc<dyn HealthProbe> {
        self.clock.clone()
    }

    async fn become_ready(&self) {
        let mut told = String::new();
        loop {
            let reason = match self.try_to_become_ready().await {
                Ok(()) => return,
                Err(reason) => reason,
            };
            if reason != told {
                tracing::warn!(reason, "the database cannot be used yet; trying again each second");
                told = reason;
            }
            sleep(PAUSE).await;
        }
    }

    async fn try_to_become_ready(&self) -> Result<(), String> {
        let applied = self
            .store
            .prepare(self.migrate)
            .await
            .map_err(|error| error.to_string())?;
        if let Some(newest) = applied.last() {
            tracing::info!(applied = applied.len(), newest, "the database was migrated");
        }
        self.clock.resample().await.map_err(|error| error.to_string())
    }
}

pub(super) fn migrate_up(config: &StorageConfig, postgres: &PostgresConfig) -> Result<Vec<String>, StartError> {
    Ok(migrations::up(&options(config, postgres)?)?)
}

pub(super) fn migrate_down(
    config: &StorageConfig,
    postgres: &PostgresConfig,
    steps: usize,
) -> Result<Vec<String>, StartError> {
    Ok(migrations::down(&options(config, postgres)?, steps)?)
}

pub(super) fn migration_status(
    config: &StorageConfig,
    postgres: &PostgresConfig,
) -> Result<Vec<MigrationStatus>, StartError> {
    let found = migrations::status(&options(config, postgres)?)?;
    let status = |migration: migrations::MigrationStatus| MigrationStatus {
        name: migration.name,
        applied: migration.applied,
    };
    Ok(found.into_iter().map(status).collect())
}

/// The adapter's options, or what is wrong with the URL.
pub(crate) fn options(config: &StorageConfig, postgres: &PostgresConfig) -> Result<PostgresOptions, Fault> {
    let mut options = PostgresOptions::from_url(postgres.url.expose_secret())
        .map_err(|error| Fault::of(&DATABASE_URL, &error.to_string()))?;
    options.extra_authorities.clone_from(&config.tls_ca_file);
    options.pool_size = NonZeroUsize::new(postgres.pool_size).unwrap_or(NonZeroUsize::MIN);
    options.acquire_timeout = postgres.acquire_timeout.unsigned_abs();
    options.statement_timeout = postgres.statement_timeout.unsigned_abs();
    options.lock_timeout = options.statement_timeout / 2;
    Ok(options)
}

impl From<MigrationError> for StartError {
    fn from(error: MigrationError) -> Self {
        Self::dependency(DATABASE, &error)
    }
}
