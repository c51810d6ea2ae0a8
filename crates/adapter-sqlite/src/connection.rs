//! Opening the file.

use crate::options::SqliteOptions;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use std::error::Error as StdError;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// Why a database cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file cannot be made or its folder cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `SQLite` takes paths in UTF-8 only.
    #[error("{}: the path is not UTF-8", .0.display())]
    PathNotUtf8(PathBuf),
    /// It is no database, or cannot be used now.
    #[error("{}: {source}", path.display())]
    Unusable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// Its schema is older than this program: migrate first.
    #[error("{}: {pending} migrations have not been run; run `migrate up`", path.display())]
    Outdated {
        /// Which.
        path: PathBuf,
        /// How many.
        pending: usize,
    },
    /// A thread cannot be started.
    #[error("cannot start a database thread: {0}")]
    Thread(io::Error),
}

/// For every connection. Full synchronisation, so that a commit survives the loss of power; deleted content
/// is overwritten, as it held codes and links; nothing is written to temporary files.
const SETTINGS: &str = "
    pragma synchronous = full;
    pragma foreign_keys = on;
    pragma secure_delete = on;
    pragma temp_store = memory;
    pragma trusted_schema = off;
    pragma cache_size = -2048;
";

/// Makes the file where it is missing, and sees to it that it has a write-ahead log, which stays with the
/// file.
///
/// The folder is locked meanwhile: two processes that change the journal of one file at the same moment make
/// each other fail, and no busy time-out helps against that. The file itself must not be locked, since
/// closing any handle of it drops `SQLite`'s own locks.
pub(crate) fn prepare_file(path: &Path, lock_timeout: Duration) -> Result<(), OpenError> {
    let _locked = lock_folder_and_create(path).map_err(|source| OpenError::File {
        path: path.to_owned(),
        source,
    })?;
    connect(path, lock_timeout)?
        .batch_execute("pragma journal_mode = wal")
        .map_err(|error| unusable(path, error))
}

fn lock_folder_and_create(path: &Path) -> io::Result<File> {
    let absolute = std::path::absolute(path)?;
    let folder = File::open(absolute.parent().unwrap_or(&absolute))?;
    folder.lock()?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&absolute) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(folder),
    }
}

/// A connection that changes things.
pub(crate) fn open_writer(options: &SqliteOptions) -> Result<SqliteConnection, OpenError> {
    connect(&options.path, options.lock_timeout())
}

/// A connection that cannot change anything.
pub(crate) fn open_reader(options: &SqliteOptions) -> Result<SqliteConnection, OpenError> {
    let mut connection = connect(&options.path, options.lock_timeout())?;
    connection
        .batch_execute("pragma query_only = on")
        .map_err(|error| unusable(&options.path, error))?;
    Ok(connection)
}

/// A connection that waits `lock_timeout` for the locks of others. The path is made absolute, so that none is
/// taken for one of `SQLite`'s special names.
pub(crate) fn connect(path: &Path, lock_timeout: Duration) -> Result<SqliteConnection, OpenError> {
    let absolute = std::path::absolute(path).map_err(|source| OpenError::File {
        path: path.to_owned(),
        source,
    })?;
    let name = absolute
        .to_str()
        .ok_or_else(|| OpenError::PathNotUtf8(path.to_owned()))?;
    let mut connection = SqliteConnection::establish(name).map_err(|error| unusable(path, error))?;
    // First of all, since the other settings read the file and may have to wait.
    connection
        .batch_execute(&format!("pragma busy_timeout = {}", lock_timeout.as_millis()))
        .and_then(|()| connection.batch_execute(SETTINGS))
        .map_err(|error| unusable(path, error))?;
    Ok(connection)
}

/// The file at `path` does not work as a database.
pub(crate) fn unusable(path: &Path, source: impl Into<Box<dyn StdError + Send + Sync>>) -> OpenError {
    OpenError::Unusable {
        path: path.to_owned(),
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::sql_types::Text;

    #[derive(QueryableByName)]
    struct Setting {
        #[diesel(sql_type = Text)]
        value: String,
    }

    fn setting(connection: &mut SqliteConnection, name: &str) -> String {
        let query = format!("select cast({name} as text) as value from pragma_{name}");
        diesel::sql_query(query)
            .get_result::<Setting>(connection)
            .unwrap()
            .value
    }

    #[test]
    fn a_commit_survives_the_loss_of_power_and_references_hold() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::at(folder.path().join("gatewright.db"));
        prepare_file(&options.path, options.lock_timeout()).unwrap();
        let mut writer = open_writer(&options).unwrap();
        assert_eq!(setting(&mut writer, "journal_mode"), "wal");
        assert_eq!(setting(&mut writer, "synchronous"), "2");
        assert_eq!(setting(&mut writer, "foreign_keys"), "1");
        assert_eq!(setting(&mut writer, "secure_delete"), "1");
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions::at(folder.path().join("gatewright.db"));
        prepare_file(&options.path, options.lock_timeout()).unwrap();
        let written = open_reader(&options).unwrap().batch_execute("create table t (c)");
        assert_eq!(written.unwrap_err().to_string(), "attempt to write a readonly database");
    }
}
