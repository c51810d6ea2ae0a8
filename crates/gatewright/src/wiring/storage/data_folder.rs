//! The folder for everything that is kept in files.

use crate::config::fault::Fault;
use crate::config::storage::{DATA_DIR, StorageConfig};
use crate::start_error::StartError;
use gatewright_adapter_crypto::{SecretKey, load_or_create_secret_key};
use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::path::Path;

/// Makes the data folder, for its owner alone.
pub(crate) fn make_data_folder(config: &StorageConfig) -> Result<(), StartError> {
    make_folder(&config.data_dir)
}

pub(super) fn make_folder(folder: &Path) -> Result<(), StartError> {
    make_private_folder(folder).map_err(|error| {
        let wrong = format!("the folder {:?} cannot be made: {error}", folder.display());
        Fault::of(&DATA_DIR, &wrong).into()
    })
}

/// The secret given, or the one made at the first start in development.
pub(crate) fn secret_key(given: Option<SecretKey>, config: &StorageConfig) -> Result<SecretKey, StartError> {
    let made = || load_or_create_secret_key(&config.keys_dir().join("secret-key"));
    given
        .map_or_else(made, Ok)
        .map_err(|error| StartError::dependency("the secret key", &error))
}

/// Held by the one process that serves from a data folder with a database in it. What it remembers of verified tokens, and
/// which mails are being sent, is its own; a second one would not hear of a sign-out at the first.
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

fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(path)
}
