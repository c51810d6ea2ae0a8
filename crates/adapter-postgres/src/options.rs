//! Where the database is and how it is used.

use crate::tls::{TlsMode, is_local};
use percent_encoding::percent_decode_str;
use std::error::Error as StdError;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;
use tokio_postgres::Config;

const DEFAULT_POOL_SIZE: NonZeroUsize = NonZeroUsize::new(16).expect("sixteen is not zero");
/// More than a pool of the default size works off within the time that they wait.
const DEFAULT_QUEUE_PLACES: usize = 1024;
const DEFAULT_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(1);
const DEFAULT_STATEMENT_TIMEOUT: Duration = Duration::from_secs(1);
const DEFAULT_LOCK_TIMEOUT: Duration = Duration::from_millis(500);
const DEFAULT_IDLE_IN_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(5);

/// Settings of a [`PostgresStore`](crate::PostgresStore).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresOptions {
    pub(crate) server: Config,
    pub(crate) tls: TlsMode,
    pub(crate) root_certificates: Option<PathBuf>,
    /// A file of PEM certificates of authorities that are trusted besides the system's. Not used where the URL names its
    /// own by `sslrootcert`.
    pub extra_authorities: Option<PathBuf>,
    /// How many connections there are at most.
    pub pool_size: NonZeroUsize,
    /// How many callers may wait for a connection; one more is answered
    /// [`Overloaded`](gatewright_application::ports::error::PortError::Overloaded) at once.
    pub queue_places: usize,
    /// How long a caller waits for a connection, be it that all are taken or that a new one has to be made.
    pub acquire_timeout: Duration,
    /// How long the server works on one statement before it gives up. Together with [`acquire_timeout`](Self::acquire_timeout)
    /// it is also how long a caller waits for everything, whatever the server does or does not.
    pub statement_timeout: Duration,
    /// How long a statement waits for a lock.
    pub lock_timeout: Duration,
    /// After which time the server ends a connection that was left in the middle of a transaction, and with it the locks
    /// that this one holds.
    pub idle_in_transaction_timeout: Duration,
}

/// Why a URL is not usable. It holds nothing of the URL, for that holds a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlError {
    /// Of another scheme.
    #[error("a PostgreSQL URL begins with postgres:// or postgresql://")]
    Scheme,
    /// `sslmode` is none of those known.
    #[error("sslmode is one of disable, prefer, require, verify-ca and verify-full")]
    SslMode,
    /// Not of the form of a PostgreSQL URL, or with parameters that are unknown or have no sense.
    #[error("not a PostgreSQL URL: {0}")]
    Malformed(String),
}

impl PostgresOptions {
    /// The defaults for the database at `url`: `postgres://user:password@host:port/name?parameters`, with the parameters
    /// of libpq that the driver knows, and `sslmode` and `sslrootcert` as libpq has them. Several hosts, with commas
    /// between them, are tried one after another; the first that takes writes is used.
    ///
    /// Without `sslmode` the server has to show a certificate for its name (`verify-full`), except where every host is this
    /// machine (a loopback address or a Unix socket): then there is no TLS.
    ///
    /// # Errors
    /// [`UrlError`].
    pub fn from_url(url: &str) -> Result<Self, UrlError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(UrlError::Scheme);
        }
        let (plain, ours) = take_tls_parameters(url);
        let server: Config = plain.parse().map_err(|error| malformed(&error))?;
        if server.get_hosts().is_empty() && server.get_hostaddrs().is_empty() {
            return Err(UrlError::Malformed("the host is missing".to_owned()));
        }
        let tls = match ours.ssl_mode {
            Some(word) => TlsMode::from_word(&word).ok_or(UrlError::SslMode)?,
            None if is_local(&server) => TlsMode::Disable,
            None => TlsMode::VerifyFull,
        };
        Ok(Self {
            server,
            tls,
            root_certificates: ours.root_certificates,
            extra_authorities: None,
            pool_size: DEFAULT_POOL_SIZE,
            queue_places: DEFAULT_QUEUE_PLACES,
            acquire_timeout: DEFAULT_ACQUIRE_TIMEOUT,
            statement_timeout: DEFAULT_STATEMENT_TIMEOUT,
            lock_timeout: DEFAULT_LOCK_TIMEOUT,
            idle_in_transaction_timeout: DEFAULT_IDLE_IN_TRANSACTION_TIMEOUT,
        })
    }

    /// How long a caller waits for an answer, from the beginning of the call.
    pub(crate) fn patience(&self) -> Duration {
        self.acquire_timeout + self.statement_timeout
    }
}

#[derive(Default)]
struct TlsParameters {
    ssl_mode: Option<String>,
    root_certificates: Option<PathBuf>,
}

/// The URL without the parameters that the driver does not know, and those.
fn take_tls_parameters(url: &str) -> (String, TlsParameters) {
    let mut ours = TlsParameters::default();
    // As the driver reads it: a password may hold a question mark, but no @.
    let (user, rest) = url.split_at(url.find('@').unwrap_or_default());
    let Some((address, query)) = rest.split_once('?') else {
        return (url.to_owned(), ours);
    };
    let mut theirs = Vec::new();
    for pair in query.split('&') {
        let decoded = |value| percent_decode_str(value).decode_utf8_lossy().into_owned();
        match pair.split_once('=') {
            Some(("sslmode", value)) => ours.ssl_mode = Some(decoded(value)),
            // libpq's own word for the system's authorities, which are the default here.
            Some(("sslrootcert", "system")) => ours.root_certificates = None,
            Some(("sslrootcert", value)) => ours.root_certificates = Some(decoded(value).into()),
            _ => theirs.push(pair),
        }
    }
    let separator = if theirs.is_empty() { "" } else { "?" };
    (format!("{user}{address}{separator}{}", theirs.join("&")), ours)
}

/// The driver names values by their parameter and unknown parameters by themselves. The latter may be the rest of a
/// password with a question mark in it.
fn malformed(error: &tokio_postgres::Error) -> UrlError {
    let reason = error.source().map(ToString::to_string).unwrap_or_default();
    if reason.starts_with("invalid value for option") {
        UrlError::Malformed(reason)
    } else {
        let hint = "an unknown parameter, or a character in user or password that has to be percent-encoded";
        UrlError::Malformed(hint.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls_of(url: &str) -> TlsMode {
        PostgresOptions::from_url(url).unwrap().tls
    }

    #[test]
    fn a_server_elsewhere_has_to_prove_its_name_and_one_on_this_machine_does_not() {
        assert_eq!(tls_of("postgres://db.example.org/gatewright"), TlsMode::VerifyFull);
        assert_eq!(
            tls_of("postgres://127.0.0.1,db.example.org/gatewright"),
            TlsMode::VerifyFull
        );
        for url in [
            "postgres://localhost/gatewright",
            "postgresql://127.0.0.1:5433/gatewright",
            "postgres://user@[::1]/gatewright",
            "postgres:///gatewright?host=/var/run/postgresql",
            "postgres://%2Fvar%2Frun%2Fpostgresql/gatewright",
        ] {
            assert_eq!(tls_of(url), TlsMode::Disable, "{url}");
        }
    }

    #[test]
    fn tls_parameters_are_ours_and_the_others_the_drivers() {
        let url = "postgres://ann:s3cret@db/gatewright?sslmode=verify-ca&options=-csearch_path%3Dauth&sslrootcert=%2Fetc%2Fmy%20ca.pem";
        let options = PostgresOptions::from_url(url).unwrap();
        assert_eq!(options.tls, TlsMode::VerifyCa);
        assert_eq!(options.root_certificates, Some("/etc/my ca.pem".into()));
        assert_eq!(options.server.get_options(), Some("-csearch_path=auth"));
        assert_eq!(options.server.get_password(), Some(b"s3cret".as_slice()));
        let odd = PostgresOptions::from_url("postgres://ann:a?sslmode=disable@db/gatewright").unwrap();
        assert_eq!(odd.server.get_password(), Some(b"a?sslmode=disable".as_slice()));
        assert_eq!(odd.tls, TlsMode::VerifyFull);
    }

    #[test]
    fn neither_debug_nor_an_error_tells_the_password() {
        let options = PostgresOptions::from_url("postgres://ann:s3cret@db/gatewright").unwrap();
        assert!(!format!("{options:?}").contains("s3cret"), "{options:?}");
        for url in [
            "postgres://ann:s3cret@db:port/gatewright",
            "postgres://ann:a@s3cret/b@db/gatewright?connect_timeout=s3cret",
            "postgres://ann:s3cret@db/gatewright?sslmode=s3cret",
            "mysql://ann:s3cret@db/gatewright",
        ] {
            let error = PostgresOptions::from_url(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
    }

    #[test]
    fn a_wrong_value_is_named_by_its_parameter() {
        let error = PostgresOptions::from_url("postgres://db/gatewright?connect_timeout=soon").unwrap_err();
        assert!(error.to_string().contains("connect_timeout"), "{error}");
        let missing = PostgresOptions::from_url("postgres:///gatewright").unwrap_err();
        assert!(missing.to_string().contains("the host is missing"), "{missing}");
    }
}
