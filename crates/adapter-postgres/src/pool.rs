//! The connections, and who waits for one.

use crate::connection::{Connector, Purpose};
use crate::error::unavailable;
use crate::options::PostgresOptions;
use crate::tls::TlsError;
use diesel::result::ConnectionError;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool as Connections, PoolError};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use futures_util::FutureExt;
use gatewright_application::ports::error::PortError;
use gatewright_domain::Duration as Span;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// When a caller who found no connection free may try again.
const RETRY_AFTER: Span = Span::SECOND;

/// A connection out of the pool.
pub(crate) type PooledConnection = Object<AsyncPgConnection>;

/// How the pool is used just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// How many connections there may be.
    pub max_size: usize,
    /// How many there are.
    pub size: usize,
    /// How many of these nobody uses.
    pub idle: usize,
    /// How many callers wait for one, or for a new one to be made.
    pub waiting: usize,
}

/// Connections, and a line of bounded length in front of them.
pub(crate) struct Pool {
    connections: Connections<AsyncPgConnection>,
    waiting: AtomicUsize,
    places: usize,
    patience: Duration,
}

impl Pool {
    /// An empty pool: connections are made when they are asked for.
    pub(crate) fn new(options: &PostgresOptions) -> Result<Self, TlsError> {
        let connector = Connector::new(options, Purpose::Calls)?;
        let mut config = ManagerConfig::<AsyncPgConnection>::default();
        // A test query before each use would double what a read costs. What a dead connection costs is one failed call.
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(move |_| {
            let connector = Arc::clone(&connector);
            let refused = |error: crate::connection::ConnectError| ConnectionError::BadConnection(error.to_string());
            async move { connector.connect().await.map_err(refused) }.boxed()
        });
        // The connector has its address elsewhere, so that no password stays in here.
        let manager = AsyncDieselConnectionManager::new_with_config("", config);
        let building = Connections::builder(manager).max_size(options.pool_size.get());
        Ok(Self {
            connections: building.build().map_err(|error| TlsError::Library(error.to_string()))?,
            waiting: AtomicUsize::new(0),
            places: options.queue_places,
            patience: options.acquire_timeout,
        })
    }

    /// A connection, in bounded time.
    pub(crate) async fn get(&self) -> Result<PooledConnection, PortError> {
        let _place = self.place_in_line()?;
        match timeout(self.patience, self.connections.get()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(PoolError::Closed)) => Err(unavailable("it was closed")),
            Ok(Err(error)) => Err(unavailable(error.to_string())),
            Err(_) => Err(self.out_of_patience()),
        }
    }

    /// Ends the connections that nobody uses.
    pub(crate) fn discard_idle(&self) {
        self.connections.retain(|_, _| false);
    }

    /// Gives out no more connections, and ends each once it is given back.
    pub(crate) fn close(&self) {
        self.connections.close();
    }

    /// How it is used just now.
    pub(crate) fn status(&self) -> PoolStatus {
        let status = self.connections.status();
        PoolStatus {
            max_size: status.max_size,
            size: status.size,
            idle: status.available,
            waiting: self.waiting.load(Ordering::Relaxed),
        }
    }

    fn place_in_line(&self) -> Result<PlaceInLine<'_>, PortError> {
        let place = PlaceInLine(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::Relaxed) < self.places {
            Ok(place)
        } else {
            Err(overloaded())
        }
    }

    /// Either all connections are taken, or the server does not let us make another one.
    fn out_of_patience(&self) -> PortError {
        let status = self.connections.status();
        if status.size >= status.max_size {
            overloaded()
        } else {
            unavailable(format!("no connection within {:?}", self.patience))
        }
    }
}

fn overloaded() -> PortError {
    PortError::Overloaded {
        retry_after: RETRY_AFTER,
    }
}

struct PlaceInLine<'a>(&'a AtomicUsize);

impl Drop for PlaceInLine<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
