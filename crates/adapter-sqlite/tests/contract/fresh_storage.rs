//! A migrated, empty database in a folder of its own.

use crate::inspection::SqliteInspection;
use gatewright_adapter_sqlite::{SqliteOptions, SqliteStore, migrations};
use gatewright_contract::maintenance_storage::MaintenanceStorage;
use gatewright_contract::run_job::Processes;
use gatewright_contract::storage::Storage;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// A database that goes away with the folder, and is waited for on the busiest of machines.
pub(crate) fn fresh_database() -> (TempDir, SqliteOptions) {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        patience: Duration::from_mins(1),
        ..SqliteOptions::at(folder.path().join("gatewright.db"))
    };
    migrations::up(&options).unwrap();
    (folder, options)
}

/// What a contract suite asks for.
pub(crate) async fn fresh_storage() -> Storage {
    let (folder, options) = fresh_database();
    let store = Arc::new(SqliteStore::open(&options).unwrap());
    storage_over(&store, SqliteInspection::new(Arc::new(folder), &options.path))
}

/// What the suites about background work ask for.
pub(crate) async fn fresh_maintenance_storage() -> MaintenanceStorage {
    let (folder, options) = fresh_database();
    maintenance_over(&options, &Arc::new(folder))
}

/// Three processes on one file.
pub(crate) async fn processes_on_a_fresh_file() -> Processes {
    let (folder, options) = fresh_database();
    let folder = Arc::new(folder);
    [(); 3].map(|()| maintenance_over(&options, &folder))
}

fn maintenance_over(options: &SqliteOptions, folder: &Arc<TempDir>) -> MaintenanceStorage {
    let store = Arc::new(SqliteStore::open(options).unwrap());
    let inspection = SqliteInspection::new(Arc::clone(folder), &options.path);
    MaintenanceStorage {
        storage: storage_over(&store, inspection),
        jobs: store.clone(),
        expired_rows: store,
    }
}

fn storage_over(store: &Arc<SqliteStore>, inspection: SqliteInspection) -> Storage {
    Storage {
        users: store.clone(),
        registrations: store.clone(),
        challenges: store.clone(),
        sessions: store.clone(),
        attempt_counters: store.clone(),
        changes: store.clone(),
        outbox: store.clone(),
        inspection: Arc::new(inspection),
    }
}
