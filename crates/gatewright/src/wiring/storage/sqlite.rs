//! `SQLite` in a file.

use crate::config::database::SqliteConfig;
use crate::config::storage::StorageConfig;
use crate::start_error::StartError;
use crate::wiring::storage::data_folder::{lock_data_folder, make_data_folder, make_folder};
use crate::wiring::storage::{DATABASE, Database, MigrationStatus, Storage, served_by};
use gatewright_adapter_crypto::SystemClock;
use gatewright_adapter_sqlite::migrations::{self, MigrationError};
use gatewright_adapter_sqlite::{SqliteOptions, SqliteStore};
use std::path::Path;
use std::sync::Arc;

/// Opens the database, brought up to date.
pub(super) fn open(config: &StorageConfig, sqlite: &SqliteConfig) -> Result<Storage, StartError> {
    let applied = migrate_up(config, sqlite)?;
    if let Some(newest) = applied.last() {
        tracing::info!(applied = applied.len(), newest, "the database was migrated");
    }
    let store = SqliteStore::open(&options(sqlite)).map_err(|error| StartError::dependency(DATABASE, &error))?;
    let store = Arc::new(store);
    Ok(served_by(
        &store,
        Arc::new(SystemClock),
        Database::Sqlite(store.clone()),
    ))
}

/// Runs what has not been run. Never under a running server: it may not know the tables that come of it.
pub(super) fn migrate_up(config: &StorageConfig, sqlite: &SqliteConfig) -> Result<Vec<String>, StartError> {
    make_folders(config, sqlite)?;
    let options = options(sqlite);
    if migrations::status(&options)?.iter().all(|migration| migration.applied) {
        return Ok(Vec::new());
    }
    let _alone = lock_data_folder(config)?;
    Ok(migrations::up(&options)?)
}

pub(super) fn migrate_down(
    config: &StorageConfig,
    sqlite: &SqliteConfig,
    steps: usize,
) -> Result<Vec<String>, StartError> {
    let _alone = lock_data_folder(config)?;
    Ok(migrations::down(&options(sqlite), steps)?)
}

pub(super) fn migration_status(
    config: &StorageConfig,
    sqlite: &SqliteConfig,
) -> Result<Vec<MigrationStatus>, StartError> {
    make_folders(config, sqlite)?;
    let found = migrations::status(&options(sqlite))?;
    let status = |migration: migrations::MigrationStatus| MigrationStatus {
        name: migration.name,
        applied: migration.applied,
    };
    Ok(found.into_iter().map(status).collect())
}

fn make_folders(config: &StorageConfig, sqlite: &SqliteConfig) -> Result<(), StartError> {
    make_data_folder(config)?;
    match sqlite.file.parent().filter(|folder| *folder != Path::new("")) {
        Some(folder) => make_folder(folder),
        None => Ok(()),
    }
}

fn options(sqlite: &SqliteConfig) -> SqliteOptions {
    SqliteOptions {
        readers: sqlite.readers,
        ..SqliteOptions::at(&sqlite.file)
    }
}

impl From<MigrationError> for StartError {
    fn from(error: MigrationError) -> Self {
        Self::dependency(DATABASE, &error)
    }
}
