//! The connections, and who waits for one.
//!
//! A connection belongs to the runtime that opened it: the driver's half of it is a task there, and each answer from one to the
//! other costs half as much again where that is another thread. HTTP workers are runtimes of one thread each. So whoever
//! asks gets a connection of their own runtime, a new one while there may be more, and only then another runtime's.

use crate::connection::{Connection, Connector, Purpose};
use crate::error::unavailable;
use crate::options::PostgresOptions;
use crate::tls::TlsError;
use gatewright_application::ports::error::PortError;
use gatewright_domain::Duration as Span;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};
use tokio::time::timeout;

/// When a caller who found no connection free may try again.
const RETRY_AFTER: Span = Span::SECOND;

/// A connection that is older is not used again: a server's session grows with time, and a name may lead elsewhere by now.
const LONGEST_LIFE: Duration = Duration::from_mins(30);

/// How the pool is used just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// How many connections there may be.
    pub max_size: usize,
    /// How many there are, those being made included.
    pub size: usize,
    /// How many of these nobody uses.
    pub idle: usize,
    /// How many callers wait for one.
    pub waiting: usize,
}

/// Connections, and a line of bounded length in front of them.
pub(crate) struct Pool {
    connector: Arc<Connector>,
    max_size: usize,
    places: usize,
    patience: Duration,
    /// A permit for each connection that nobody uses, or that may still be made.
    free: Semaphore,
    waiting: AtomicUsize,
    connections: Mutex<Connections>,
}

struct Connections {
    /// Those that nobody uses; what was used last stands last.
    idle: Vec<Connection>,
    /// How many there are, in use, idle or being made.
    count: usize,
}

impl Pool {
    /// An empty pool: connections are made when they are asked for.
    pub(crate) fn new(options: &PostgresOptions) -> Result<Self, TlsError> {
        let max_size = options.pool_size.get();
        Ok(Self {
            connector: Connector::new(options, Purpose::Calls)?,
            max_size,
            places: options.queue_places,
            patience: options.acquire_timeout,
            free: Semaphore::new(max_size),
            waiting: AtomicUsize::new(0),
            connections: Mutex::new(Connections {
                idle: Vec::with_capacity(max_size),
                count: 0,
            }),
        })
    }

    /// A connection, in bounded time. It has to come back by [`give_back`](Self::give_back) or [`discard`](Self::discard).
    pub(crate) async fn get(&self) -> Result<Connection, PortError> {
        match self.free.try_acquire() {
            Ok(permit) => match self.pick() {
                Some(connection) => {
                    permit.forget();
                    Ok(connection)
                }
                None => self.in_time(self.make(permit)).await,
            },
            Err(TryAcquireError::NoPermits) => self.in_time(self.wait_for_one()).await,
            Err(TryAcquireError::Closed) => Err(closed()),
        }
    }

    /// Takes a connection back that is at rest.
    pub(crate) fn give_back(&self, connection: Connection) {
        if self.free.is_closed() || connection.age() > LONGEST_LIFE {
            return self.discard(connection);
        }
        self.lock().idle.push(connection);
        self.free.add_permits(1);
    }

    /// Takes a connection back that nobody is to use any more.
    pub(crate) fn discard(&self, connection: Connection) {
        drop(connection);
        self.lock().count -= 1;
        self.free.add_permits(1);
    }

    /// Ends the connections that nobody uses.
    pub(crate) fn discard_idle(&self) {
        let mut connections = self.lock();
        let idle = std::mem::take(&mut connections.idle);
        connections.count -= idle.len();
    }

    /// Gives out no more connections, and ends each once it is given back.
    pub(crate) fn close(&self) {
        self.free.close();
        self.discard_idle();
    }

    /// How it is used just now.
    pub(crate) fn status(&self) -> PoolStatus {
        let connections = self.lock();
        PoolStatus {
            max_size: self.max_size,
            size: connections.count,
            idle: connections.idle.len(),
            waiting: self.waiting.load(Ordering::Relaxed),
        }
    }

    async fn in_time(
        &self,
        connection: impl Future<Output = Result<Connection, PortError>>,
    ) -> Result<Connection, PortError> {
        let outcome = timeout(self.patience, connection).await;
        // Either all connections are taken, or the server does not let us make another one.
        outcome.unwrap_or_else(|_| match self.free.available_permits() {
            0 => Err(overloaded()),
            _ => Err(unavailable(format!("no connection within {:?}", self.patience))),
        })
    }

    async fn wait_for_one(&self) -> Result<Connection, PortError> {
        let permit = {
            let _place = self.place_in_line()?;
            self.free.acquire().await.map_err(|_| closed())?
        };
        match self.pick() {
            Some(connection) => {
                permit.forget();
                Ok(connection)
            }
            None => self.make(permit).await,
        }
    }

    /// For whoever has a permit: a connection that works, of this runtime, or of another where there may not be one more;
    /// `None`, and one more is counted, where it is to be made.
    fn pick(&self) -> Option<Connection> {
        let mut connections = self.lock();
        loop {
            let own = connections.idle.iter().rposition(Connection::is_of_this_runtime);
            let any = || (connections.count >= self.max_size && !connections.idle.is_empty()).then_some(0);
            let Some(place) = own.or_else(any) else {
                connections.count += 1;
                return None;
            };
            let connection = connections.idle.remove(place);
            if connection.is_open() {
                return Some(connection);
            }
            connections.count -= 1;
        }
    }

    /// The connection that [`pick`](Self::pick) has counted.
    async fn make(&self, permit: SemaphorePermit<'_>) -> Result<Connection, PortError> {
        let counted = Counted(self);
        let connection = self.connector.connect().await;
        let connection = connection.map_err(|error| unavailable(error.to_string()))?;
        std::mem::forget(counted);
        permit.forget();
        Ok(connection)
    }

    fn place_in_line(&self) -> Result<PlaceInLine<'_>, PortError> {
        let place = PlaceInLine(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::Relaxed) < self.places {
            Ok(place)
        } else {
            Err(overloaded())
        }
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn overloaded() -> PortError {
    PortError::Overloaded {
        retry_after: RETRY_AFTER,
    }
}

fn closed() -> PortError {
    unavailable("it was closed")
}

/// A connection that was counted and does not exist yet; it never will when this is dropped.
struct Counted<'a>(&'a Pool);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.lock().count -= 1;
    }
}

struct PlaceInLine<'a>(&'a AtomicUsize);

impl Drop for PlaceInLine<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
