//! The database: `SQLite` in a file, or `PostgreSQL`.

use crate::config::parse::{duration, one_of, path, secret_line, thread_count, whole_number};
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use gatewright_domain::Duration;
use secrecy::SecretString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

pub(crate) const DATABASE_URL: Setting = Setting::derived(
    "DATABASE_URL",
    "sqlite://{DATA_DIR}/gatewright.db",
    "postgres://gatewright:password@db.example.com/gatewright?sslmode=verify-full",
    "the database: `sqlite://` and a path, or `postgres://user:password@host:port/name` with `sslmode`, `sslrootcert`, `options`",
)
.url_with_credentials();
pub(crate) const SQLITE_READERS: Setting =
    Setting::new("SQLITE_READERS", "2", "threads that read from SQLite; one more writes");
pub(crate) const DATABASE_POOL_SIZE: Setting = Setting::new(
    "DATABASE_POOL_SIZE",
    "16",
    "connections to PostgreSQL that one process holds at most",
);
pub(crate) const DATABASE_ACQUIRE_TIMEOUT: Setting = Setting::new(
    "DATABASE_ACQUIRE_TIMEOUT",
    "1s",
    "how long a request waits for one of them before it is answered 503",
);
pub(crate) const DATABASE_STATEMENT_TIMEOUT: Setting = Setting::new(
    "DATABASE_STATEMENT_TIMEOUT",
    "1s",
    "how long a statement may take on PostgreSQL; half of it for waiting for a lock",
);
pub(crate) const MIGRATE_AT_START: Setting = Setting::new(
    "MIGRATE_AT_START",
    "on",
    "`off` where `gatewright migrate up` is run by itself before a new version: a server then waits until the database is up to date",
);

/// The database.
#[derive(Debug, Clone)]
pub enum DatabaseConfig {
    /// A file.
    Sqlite(SqliteConfig),
    /// A server.
    Postgres(PostgresConfig),
}

/// `SQLite` in a file.
#[derive(Debug, Clone)]
pub struct SqliteConfig {
    /// The file.
    pub file: PathBuf,
    /// Threads that read from it.
    pub readers: NonZeroUsize,
}

/// A `PostgreSQL` server. `Debug` does not show the URL.
#[derive(Debug, Clone)]
pub struct PostgresConfig {
    /// Where it is; the adapter reads the rest.
    pub url: SecretString,
    /// Connections one process holds at most.
    pub pool_size: usize,
    /// How long to wait for one of them.
    pub acquire_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
    /// Whether a server migrates at its start.
    pub migrate_at_start: bool,
}

enum Kind {
    Sqlite(PathBuf),
    Postgres(SecretString),
}

impl DatabaseConfig {
    pub(crate) fn read(reader: &mut Reader<'_>, data_dir: &Path) -> Result<Self, Faulty> {
        let kind = reader.read_optional(&DATABASE_URL, kind);
        let readers = reader.read(&SQLITE_READERS, thread_count());
        let pool_size = reader.read(&DATABASE_POOL_SIZE, whole_number(1..=1000));
        let waiting = duration(Duration::milliseconds(100)..=Duration::minutes(1));
        let acquire_timeout = reader.read(&DATABASE_ACQUIRE_TIMEOUT, &waiting);
        let statement_timeout = reader.read(&DATABASE_STATEMENT_TIMEOUT, &waiting);
        let migrate_at_start = reader.read(&MIGRATE_AT_START, one_of(&[("on", true), ("off", false)]));
        let kind = kind?.unwrap_or_else(|| Kind::Sqlite(data_dir.join("gatewright.db")));
        Ok(match kind {
            Kind::Sqlite(file) => Self::Sqlite(SqliteConfig {
                file,
                readers: readers?,
            }),
            Kind::Postgres(url) => Self::Postgres(PostgresConfig {
                url,
                pool_size: pool_size?,
                acquire_timeout: acquire_timeout?,
                statement_timeout: statement_timeout?,
                migrate_at_start: migrate_at_start?,
            }),
        })
    }
}

fn kind(text: &str) -> Result<Kind, String> {
    let wrong = || "is neither sqlite:// and the path of a file nor postgres://".to_owned();
    match text.split_once("://") {
        Some(("sqlite", file)) => sqlite_file(file).map(Kind::Sqlite).ok_or_else(wrong),
        Some(("postgres" | "postgresql", _)) => secret_line(text).map(Kind::Postgres),
        Some(("mongodb" | "mongodb+srv", _)) => {
            Err("names a database of a kind that this version does not support".to_owned())
        }
        _ => Err(wrong()),
    }
}

fn sqlite_file(file: &str) -> Option<PathBuf> {
    let named = Path::new(file).file_name().is_some() && !file.ends_with('/') && !file.contains(['?', '#']);
    named.then(|| path(file).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(text: &str) -> Option<PathBuf> {
        match kind(text) {
            Ok(Kind::Sqlite(file)) => Some(file),
            _ => None,
        }
    }

    #[test]
    fn a_sqlite_url_is_the_path_of_a_file() {
        assert_eq!(sqlite("sqlite://./data/x.db"), Some(PathBuf::from("./data/x.db")));
        assert_eq!(sqlite("sqlite:///var/lib/x.db"), Some(PathBuf::from("/var/lib/x.db")));
        for wrong in [
            "sqlite://",
            "sqlite:///",
            "sqlite://data/",
            "x.db",
            "sqlite::memory:",
            "sqlite://x.db?mode=ro",
        ] {
            assert!(kind(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_postgres_url_is_left_to_the_adapter() {
        assert!(matches!(kind("postgres://db/x"), Ok(Kind::Postgres(_))));
        assert!(matches!(kind("postgresql://u:p@db/x"), Ok(Kind::Postgres(_))));
        assert!(kind("mongodb://db/x").is_err());
    }
}
