//! One call's use of a connection, and what becomes of the connection afterwards.

use crate::connection::Connection;
use crate::error::{Failure, unavailable};
use crate::pool::Pool;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use gatewright_application::ports::error::PortError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout, timeout_at};

/// How often work that the server ended for a deadlock is done again.
const MOST_RETRIES: u32 = 5;

/// Nothing is under way: the next caller may have the connection.
const AT_REST: u8 = 0;
/// Something was sent and not everything was answered.
const AT_WORK: u8 = 1;
/// Not to be used any more.
const SPOILT: u8 = 2;

/// A connection for the time of one call.
///
/// A caller that goes away leaves it in the middle of something. It is then brought to rest before anybody else has it:
/// what was sent is waited for, and a transaction that was begun and not ended is rolled back. Where the server does not
/// answer in time the connection is not used again.
pub(crate) struct Lease<'a> {
    connection: Option<Connection>,
    state: AtomicU8,
    deadline: Instant,
    patience: Duration,
    pool: &'a Arc<Pool>,
}

impl<'a> Lease<'a> {
    /// A connection of `pool` for a call that is answered within `patience`, this waiting included.
    pub(crate) async fn take(pool: &'a Arc<Pool>, patience: Duration) -> Result<Self, PortError> {
        let deadline = Instant::now() + patience;
        Ok(Self {
            connection: Some(pool.get().await?),
            state: AtomicU8::new(AT_REST),
            deadline,
            patience,
            pool,
        })
    }

    /// Runs `work` on the connection, to its end or to the deadline.
    pub(crate) async fn run<'c, T, W>(&'c self, work: impl FnOnce(&'c AsyncPgConnection) -> W) -> Result<T, PortError>
    where
        W: Future<Output = Result<T, Failure>>,
    {
        Ok(self.attempt(work).await?)
    }

    /// The same for work that may meet a deadlock: the server ends one of those in it, which is then done again.
    pub(crate) async fn run_again_after_deadlock<'c, T, W>(
        &'c self,
        work: impl Fn(&'c AsyncPgConnection) -> W,
    ) -> Result<T, PortError>
    where
        W: Future<Output = Result<T, Failure>>,
    {
        for _ in 0..MOST_RETRIES {
            match self.attempt(&work).await {
                Err(failure) if failure.may_pass_at_once() => {}
                outcome => return Ok(outcome?),
            }
        }
        Ok(self.attempt(&work).await?)
    }

    async fn attempt<'c, T, W>(&'c self, work: impl FnOnce(&'c AsyncPgConnection) -> W) -> Result<T, Failure>
    where
        W: Future<Output = Result<T, Failure>>,
    {
        let Some(connection) = &self.connection else {
            return Err(unavailable("the connection was given back").into());
        };
        self.state.store(AT_WORK, Ordering::Relaxed);
        let Ok(outcome) = timeout_at(self.deadline, work(connection)).await else {
            self.distrust_the_server();
            return Err(unavailable(format!("no answer within {:?}", self.patience)).into());
        };
        match &outcome {
            Err(failure) if failure.is_from_a_read_only_server() => self.distrust_the_server(),
            _ => self.state.store(AT_REST, Ordering::Relaxed),
        }
        outcome
    }

    /// After a failover connections may lead to a server that hangs or that takes no writes any more; what is true of one
    /// is true of those beside it.
    fn distrust_the_server(&self) {
        self.state.store(SPOILT, Ordering::Relaxed);
        self.pool.discard_idle();
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        match (self.state.load(Ordering::Relaxed), Handle::try_current()) {
            (AT_REST, _) => self.pool.give_back(connection),
            (AT_WORK, Ok(runtime)) => {
                let resting = bring_to_rest(Arc::clone(self.pool), connection, self.patience);
                drop(runtime.spawn(resting));
            }
            _ => self.pool.discard(connection),
        }
    }
}

/// The server answers in the order in which it was asked, so once it has answered this it is done with everything.
async fn bring_to_rest(pool: Arc<Pool>, connection: Connection, patience: Duration) {
    let mut at_work: &AsyncPgConnection = &connection;
    match timeout(patience, at_work.batch_execute("rollback")).await {
        Ok(Ok(())) => pool.give_back(connection),
        _ => pool.discard(connection),
    }
}
