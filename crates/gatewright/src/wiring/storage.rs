//! The data folder and the database in it.

use crate::config::fault::Fault;
use crate::config::storage::{DATA_DIR, StorageConfig};
use crate::start_error::StartError;
use gatewright_adapter_crypto::{SecretKey, load_or_create_secret_key};
pub use gatewright_adapter_sqlite::migrations::MigrationStatus;
use gatewright_adapter_sqlite::migrations::{self, MigrationError};
use gatewright_adapter_sqlite::{SqliteOptions, SqliteStore};
use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::path::Path;

const DATABASE: &str = "the database";

/// Makes the data folder, and the database's where that is another, for their owner alone.
pub(crate) fn make_data_folder(config: &StorageConfig) -> Result<(), StartError> {
    let database_folder = config.sqlite_file.parent().filter(|folder| *folder != Path::new(""));
    for folder in [Some(config.data_dir.as_path()), database_folder].into_iter().flatten() {
        make_private_folder(folder).map_err(|error| {
            let wrong = format!("the folder {:?} cannot be made: {error}", folder.display());
            Fault::of(&DATA_DIR, &wrong)
        })?;
    }
    Ok(())
}

/// Opens the database, brought up to date.
pub(crate) fn open(config: &StorageConfig) -> Result<SqliteStore, StartError> {
    let options = options(config);
    let applied = bring_up_to_date(config)?;
    if let Some(newest) = applied.last() {
        tracing::info!(applied = applied.len(), newest, "the database was migrated");
    }
    SqliteStore::open(&options).map_err(|error| StartError::dependency(DATABASE, &error))
}

/// The secret given, or the one made at the first start in development.
pub(crate) fn secret_key(given: Option<SecretKey>, config: &StorageConfig) -> Result<SecretKey, StartError> {
    let made = || load_or_create_secret_key(&config.keys_dir().join("secret-key"));
    given
        .map_or_else(made, Ok)
        .map_err(|error| StartError::dependency("the secret key", &error))
}

/// Runs what has not been run. Never under a running server: it may not know the tables that come of it.
fn bring_up_to_date(config: &StorageConfig) -> Result<Vec<String>, StartError> {
    let options = options(config);
    if migrations::status(&options)?.iter().all(|migration| migration.applied) {
        return Ok(Vec::new());
    }
    let _alone = lock_data_folder(config)?;
    Ok(migrations::up(&options)?)
}

/// Held by the one process that serves from a data folder. What it remembers of verified tokens, and which mails are
/// being sent, is its own; a second one would not hear of a sign-out at the first.
#[derive(Debug)]
pub(crate) struct DataFolderLock(#[expect(dead_code, reason = "held, not read: dropping it unlocks")] File);

/// Locks the data folder for as long as the answer lives, also against the process's own death.
pub(crate) fn lock_data_folder(config: &StorageConfig) -> Result<DataFolderLock, StartError> {
    let path = config.data_dir.join("server.lock");
    let failed = |error: &dyn std::fmt::Display| StartError::dependency("the data folder", &error);
    let file = File::create(&path).map_err(|error| failed(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(DataFolderLock(file)),
        Err(TryLockError::WouldBlock) => Err(failed(&format_args!(
            "another server runs on {:?}; stop it, or give this one another DATA_DIR",
            config.data_dir.display()
        ))),
        Err(TryLockError::Error(error)) => Err(failed(&error)),
    }
}

/// Runs every migration that has not been run, and names them.
///
/// # Errors
/// [`StartError`]; the database is as before then.
pub fn migrate_up(config: &StorageConfig) -> Result<Vec<String>, StartError> {
    make_data_folder(config)?;
    bring_up_to_date(config)
}

/// Takes back the last `steps` migrations, and names them, the newest first.
///
/// # Errors
/// [`StartError`], also where a server runs on the data folder; the database is as before then.
pub fn migrate_down(config: &StorageConfig, steps: usize) -> Result<Vec<String>, StartError> {
    let _alone = lock_data_folder(config)?;
    Ok(migrations::down(&options(config), steps)?)
}

/// Every migration and whether it has been run, the oldest first.
///
/// # Errors
/// [`StartError`] where the database cannot be read.
pub fn migration_status(config: &StorageConfig) -> Result<Vec<MigrationStatus>, StartError> {
    make_data_folder(config)?;
    Ok(migrations::status(&options(config))?)
}

fn options(config: &StorageConfig) -> SqliteOptions {
    SqliteOptions {
        readers: config.sqlite_readers,
        ..SqliteOptions::at(&config.sqlite_file)
    }
}

impl From<MigrationError> for StartError {
    fn from(error: MigrationError) -> Self {
        Self::dependency(DATABASE, &error)
    }
}

fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(path)
}
