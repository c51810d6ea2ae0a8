//! Where data is kept.

use crate::config::parse::{not_in_this_version, path, thread_count};
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

pub(crate) const DATA_DIR: Setting = Setting::new(
    "DATA_DIR",
    "./data",
    "folder of the database, of the keys made in development, and of the mails in `mail/*.eml`",
);
pub(crate) const DATABASE_URL: Setting = Setting::derived(
    "DATABASE_URL",
    "sqlite://{DATA_DIR}/gatewright.db",
    "sqlite://./data/gatewright.db",
    "the database: `sqlite://` and a path (the only kind in this version)",
)
.url_with_credentials();
pub(crate) const SQLITE_READERS: Setting =
    Setting::new("SQLITE_READERS", "2", "threads that read from SQLite; one more writes");
pub(crate) const REDIS_URL: Setting = Setting::derived(
    "REDIS_URL",
    "none: limits are counted in the database",
    "redis://127.0.0.1:6379",
    "shared counters for several replicas; not supported by this version yet, leave it unset",
)
.url_with_credentials();

/// Where data is kept.
#[derive(Debug, Clone)]
pub struct StorageConfig {
    /// The folder for everything that is kept.
    pub data_dir: PathBuf,
    /// The `SQLite` file.
    pub sqlite_file: PathBuf,
    /// Threads that read from it.
    pub sqlite_readers: NonZeroUsize,
}

impl StorageConfig {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        let data_dir = reader.read(&DATA_DIR, path);
        let sqlite_file = reader.read_optional(&DATABASE_URL, sqlite_file);
        let sqlite_readers = reader.read(&SQLITE_READERS, thread_count());
        let redis = reader.read_optional(&REDIS_URL, not_in_this_version);
        redis?;
        let data_dir = data_dir?;
        Ok(Self {
            sqlite_file: sqlite_file?.unwrap_or_else(|| data_dir.join("gatewright.db")),
            data_dir,
            sqlite_readers: sqlite_readers?,
        })
    }

    /// Where mails land while no mail server is configured.
    #[must_use]
    pub fn mail_dir(&self) -> PathBuf {
        self.data_dir.join("mail")
    }

    /// Where keys made in development are kept.
    #[must_use]
    pub fn keys_dir(&self) -> PathBuf {
        self.data_dir.join("keys")
    }
}

fn sqlite_file(text: &str) -> Result<PathBuf, String> {
    let Some(file) = text.strip_prefix("sqlite://") else {
        return Err(match text.split_once("://") {
            Some((scheme @ ("postgres" | "postgresql" | "mongodb"), _)) => {
                format!("names a database of kind {scheme}, which this version does not support yet")
            }
            _ => "is not sqlite:// and the path of a file".to_owned(),
        });
    };
    let named = Path::new(file).file_name().is_some() && !file.ends_with('/') && !file.contains(['?', '#']);
    if named {
        path(file)
    } else {
        Err("is not sqlite:// and the path of a file".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_url_is_sqlite_and_a_file() {
        assert_eq!(sqlite_file("sqlite://./data/x.db"), Ok(PathBuf::from("./data/x.db")));
        assert_eq!(
            sqlite_file("sqlite:///var/lib/x.db"),
            Ok(PathBuf::from("/var/lib/x.db"))
        );
        for wrong in [
            "sqlite://",
            "sqlite:///",
            "sqlite://data/",
            "x.db",
            "sqlite::memory:",
            "sqlite://x.db?mode=ro",
        ] {
            assert!(sqlite_file(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn another_database_is_told_to_come_later() {
        let wrong = sqlite_file("postgres://db/x").unwrap_err();
        assert_eq!(
            wrong,
            "names a database of kind postgres, which this version does not support yet"
        );
    }
}
