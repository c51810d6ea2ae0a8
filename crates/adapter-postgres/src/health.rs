//! Whether the database works.

use crate::error::{DATABASE, Failure, unavailable};
use crate::prepared::Prepared;
use crate::store::PostgresStore;
use async_trait::async_trait;
use diesel::sql_types::Bool;
use diesel_async::AsyncPgConnection;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

#[async_trait]
impl HealthProbe for PostgresStore {
    fn name(&self) -> &'static str {
        DATABASE
    }

    /// Asks the server whether it takes writes. However many ask, one connection is used for it.
    async fn check(&self) -> Result<(), PortError> {
        let ask = async || self.lease().await?.run(expect_writable).await;
        self.check.run(ask).await
    }
}

/// A check whose outcome is shared by all who asked for it while it was under way.
pub(crate) struct SharedCheck {
    finished: AtomicU64,
    outcome: Mutex<Result<(), PortError>>,
}

impl Default for SharedCheck {
    fn default() -> Self {
        Self {
            finished: AtomicU64::new(0),
            outcome: Mutex::new(Ok(())),
        }
    }
}

impl SharedCheck {
    /// The outcome of a check that ended after this was called.
    async fn run(&self, check: impl AsyncFnOnce() -> Result<(), PortError>) -> Result<(), PortError> {
        let seen = self.finished.load(Ordering::Acquire);
        let mut outcome = self.outcome.lock().await;
        if self.finished.load(Ordering::Acquire) == seen {
            *outcome = check().await;
            self.finished.fetch_add(1, Ordering::Release);
        }
        outcome.clone()
    }
}

async fn expect_writable(mut connection: &AsyncPgConnection) -> Result<(), Failure> {
    let writable = diesel::dsl::sql::<Bool>("current_setting('transaction_read_only') = 'off'");
    let writable = Prepared(diesel::select(writable));
    // The driver's trait cannot be imported beside an atomic, which has a `load` of its own.
    if diesel_async::RunQueryDsl::get_result(writable, &mut connection).await? {
        Ok(())
    } else {
        Err(unavailable("the server takes no writes").into())
    }
}
