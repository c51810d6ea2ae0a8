//! The store: one object for all storage ports, in front of its connections.

use crate::error::unavailable;
use crate::health::SharedCheck;
use crate::lease::Lease;
use crate::migrations::{self, MigrationError};
use crate::options::PostgresOptions;
use crate::pool::{Pool, PoolStatus};
use crate::tls::TlsError;
use gatewright_application::ports::error::PortError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use thiserror::Error;

/// Why the store is not ready yet.
#[derive(Debug, Error)]
pub enum PrepareError {
    /// The database cannot be reached, or its schema not be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The schema is older than this program.
    #[error("{pending} migrations have not been run; run `migrate up`")]
    Outdated {
        /// How many.
        pending: usize,
    },
}

/// Every storage port on one `PostgreSQL` database.
///
/// It connects when it is asked for something, and again after the database went away. Each call is answered within
/// [`acquire_timeout`](PostgresOptions::acquire_timeout) and [`statement_timeout`](PostgresOptions::statement_timeout)
/// together, whatever the server does. A call that is [`Unavailable`](PortError::Unavailable) because time ran out may
/// have happened all the same, whole: nobody on this side of a silent network can tell.
pub struct PostgresStore {
    pool: Arc<Pool>,
    options: PostgresOptions,
    schema_is_current: AtomicBool,
    pub(crate) check: SharedCheck,
}

impl PostgresStore {
    /// A store that has not connected yet. Every call is [`Unavailable`](PortError::Unavailable) until
    /// [`prepare`](Self::prepare) has succeeded once.
    ///
    /// # Errors
    /// [`TlsError`], where a file of certificates cannot be used.
    pub fn new(options: PostgresOptions) -> Result<Self, TlsError> {
        Ok(Self {
            pool: Arc::new(Pool::new(&options)?),
            options,
            schema_is_current: AtomicBool::new(false),
            check: SharedCheck::default(),
        })
    }

    /// Opens the store once the database is reachable and its schema current, which `migrate` asks to see to. It names the
    /// migrations that it has run. To be called again until it succeeds, since the database may come after us.
    ///
    /// # Errors
    /// [`PrepareError`].
    pub async fn prepare(&self, migrate: bool) -> Result<Vec<String>, PrepareError> {
        let run = if migrate {
            migrations::run_pending(&self.options).await?
        } else {
            Vec::new()
        };
        match migrations::count_pending(&self.options).await? {
            0 => self.schema_is_current.store(true, Ordering::Release),
            pending => return Err(PrepareError::Outdated { pending }),
        }
        Ok(run)
    }

    /// Takes no more calls; those under way end in order.
    pub fn close(&self) {
        self.pool.close();
    }

    /// How the connections are used just now. It costs next to nothing.
    pub fn pool_status(&self) -> PoolStatus {
        self.pool.status()
    }

    /// A connection for one call.
    pub(crate) async fn lease(&self) -> Result<Lease<'_>, PortError> {
        if !self.schema_is_current.load(Ordering::Acquire) {
            return Err(unavailable("not migrated, or not reachable since the start"));
        }
        self.lease_for_any_schema().await
    }

    /// A connection for one call that uses no table.
    pub(crate) async fn lease_for_any_schema(&self) -> Result<Lease<'_>, PortError> {
        Lease::take(&self.pool, self.options.patience()).await
    }
}
