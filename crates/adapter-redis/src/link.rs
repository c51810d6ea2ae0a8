//! The link to Redis: one connection, bounded calls, and a circuit breaker.
//!
//! A [`keeper`] task opens the connection, tries it by storing something, and looks after it. While it cannot, the circuit is
//! open: calls fail at once, and the keeper alone keeps trying, so no request waits to find out whether Redis is back. The
//! circuit opens when the connection breaks, or when several calls in a row were not answered in time or refused; it closes
//! with the first success of the keeper.

mod connection;
mod keeper;

use crate::error::{from_driver, no_answer, unavailable};
use crate::options::RedisOptions;
pub(crate) use connection::Connection;
use deadpool_redis::redis::{RedisResult, cmd};
use gatewright_application::ports::error::PortError;
use keeper::Prober;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

/// Calls in a row that may fail before the circuit opens.
const TOLERATED_FAILURES: u32 = 3;

/// The link, shared by whatever is cloned from it. It ends with the last clone.
#[derive(Clone)]
pub struct Redis(Arc<Shared>);

struct Shared {
    key_prefix: String,
    timeout: Duration,
    state: watch::Receiver<State>,
    trouble: watch::Sender<u64>,
    failures: AtomicU32,
    in_flight: AtomicUsize,
    keeper: AbortHandle,
}

/// The circuit's state, as the keeper tells it.
#[derive(Clone)]
enum State {
    /// The first connection is being opened.
    Opening,
    /// Closed. The number tells one connection from another.
    Up(Connection, u64),
    /// Open, and why.
    Down(String),
}

/// What the link does at this moment, for measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RedisStatus {
    /// Whether there is a connection that works: the circuit is closed.
    pub is_up: bool,
    /// Calls that wait for an answer.
    pub in_flight: usize,
}

impl Redis {
    /// Begins to connect, on `handle`, and answers at once; whether Redis is there makes no difference. `handle` has to be of
    /// a runtime with several threads: what else runs on it must not keep the connection waiting.
    ///
    /// # Errors
    /// [`PortError::Unavailable`] where the driver refuses the options.
    pub fn start(options: &RedisOptions, handle: &Handle) -> Result<Self, PortError> {
        let opener = connection::Opener::new(options).map_err(|error| from_driver(&error))?;
        let (told, state) = watch::channel(State::Opening);
        let (trouble, reported) = watch::channel(0);
        let prober = Prober {
            key: probe_key(options.key_prefix()),
            patience: options.connection_timeout(),
        };
        let keeper = handle.spawn(keeper::keep(opener, prober, told, reported));
        Ok(Self(Arc::new(Shared {
            key_prefix: options.key_prefix().to_owned(),
            timeout: options.timeout(),
            state,
            trouble,
            failures: AtomicU32::new(0),
            in_flight: AtomicUsize::new(0),
            keeper: keeper.abort_handle(),
        })))
    }

    /// What it does at this moment.
    #[must_use]
    pub fn status(&self) -> RedisStatus {
        RedisStatus {
            is_up: matches!(*self.0.state.borrow(), State::Up(..)),
            in_flight: self.0.in_flight.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn key_prefix(&self) -> &str {
        &self.0.key_prefix
    }

    /// Stores something small.
    pub(crate) async fn probe(&self) -> Result<(), PortError> {
        let key = probe_key(self.key_prefix());
        self.call(|mut connection| async move { probe(&mut connection, &key).await })
            .await
    }

    /// Does what `command` does with the connection, within the time-out.
    pub(crate) async fn call<T, F, Fut>(&self, command: F) -> Result<T, PortError>
    where
        F: FnOnce(Connection) -> Fut,
        Fut: Future<Output = RedisResult<T>>,
    {
        let _counted = InFlight::count(&self.0.in_flight);
        let deadline = Instant::now() + self.0.timeout;
        let opened = timeout_at(deadline, self.connection()).await;
        let (connection, number) = opened.map_err(|_| no_answer())??;
        match timeout_at(deadline, command(connection)).await {
            Ok(Ok(answer)) => {
                self.0.failures.store(0, Ordering::Relaxed);
                Ok(answer)
            }
            Ok(Err(error)) => {
                let is_broken = error.is_connection_dropped() || error.is_unrecoverable_error();
                self.note_failures(if is_broken { TOLERATED_FAILURES } else { 1 }, number);
                Err(from_driver(&error))
            }
            Err(_) => {
                self.note_failures(1, number);
                Err(no_answer())
            }
        }
    }

    /// Opens the circuit where it was one too many.
    fn note_failures(&self, count: u32, number: u64) {
        let failures = self.0.failures.fetch_add(count, Ordering::Relaxed) + count;
        if failures >= TOLERATED_FAILURES {
            self.0.failures.store(0, Ordering::Relaxed);
            self.0.trouble.send_if_modified(|reported| {
                let is_news = *reported < number;
                *reported = number.max(*reported);
                is_news
            });
        }
    }

    async fn connection(&self) -> Result<(Connection, u64), PortError> {
        let mut state = self.0.state.clone();
        let known = state.wait_for(|state| !matches!(state, State::Opening)).await;
        match known.as_deref() {
            Ok(State::Up(connection, number)) => Ok((connection.clone(), *number)),
            Ok(State::Down(reason)) => Err(unavailable(reason)),
            Ok(State::Opening) | Err(_) => Err(unavailable("the link has ended")),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

fn probe_key(prefix: &str) -> String {
    format!("{prefix}:probe")
}

/// The least that shows that Redis can be used.
async fn probe(connection: &mut Connection, key: &str) -> RedisResult<()> {
    let mut store = cmd("SET");
    store.arg(key).arg(1).arg("EX").arg(60);
    store.query_async(connection).await
}

/// Counts a call for as long as it lives, also where its caller goes away.
struct InFlight<'a>(&'a AtomicUsize);

impl<'a> InFlight<'a> {
    fn count(calls: &'a AtomicUsize) -> Self {
        calls.fetch_add(1, Ordering::Relaxed);
        Self(calls)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
