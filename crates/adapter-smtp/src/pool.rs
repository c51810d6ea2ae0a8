//! The connections of one process to its mail server: few, and used again.

use crate::failure::Failure;
use crate::server::Server;
use crate::session::Session;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// How long a connection is kept without a mail.
const IDLE_LIMIT: Duration = Duration::from_secs(30);
/// After how long without a mail a connection is asked for a sign of life before it is used again.
const CHECK_AFTER: Duration = Duration::from_secs(2);
/// Mails over one connection; servers limit them, some at 100.
const MAILS_LIMIT: u32 = 100;

/// Connections, at most as many at once as there are places.
pub(crate) struct Pool {
    pub(crate) server: Server,
    places: Semaphore,
    idle: Mutex<IdleSessions>,
}

/// Connections that wait for a mail; the one used last is at the end.
#[derive(Default)]
struct IdleSessions {
    sessions: Vec<Idle>,
    /// Whether somebody closes what waits for too long.
    is_watched: bool,
}

struct Idle {
    session: Session,
    since: Instant,
}

/// A connection to use, and whether it was used before.
pub(crate) struct Taken {
    pub(crate) session: Session,
    pub(crate) is_reused: bool,
}

impl Pool {
    pub(crate) fn new(server: Server, places: u32) -> Arc<Self> {
        Arc::new(Self {
            server,
            places: Semaphore::new(places.max(1) as usize),
            idle: Mutex::default(),
        })
    }

    /// Waits for the right to hold one connection.
    pub(crate) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.acquire().await.ok()
    }

    /// The right to hold one connection, if one is free.
    pub(crate) fn free_place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.try_acquire().ok()
    }

    /// A connection that works as far as one can know, for the holder of a place.
    pub(crate) async fn take(&self) -> Result<Taken, Failure> {
        while let Some(mut idle) = self.take_idle() {
            let is_alive = idle.since.elapsed() < CHECK_AFTER || idle.session.check().await.is_ok();
            if is_alive {
                return Ok(Taken {
                    session: idle.session,
                    is_reused: true,
                });
            }
        }
        self.open().await
    }

    /// A new connection, for the holder of a place.
    pub(crate) async fn open(&self) -> Result<Taken, Failure> {
        let session = Box::pin(Session::open(&self.server)).await?;
        Ok(Taken {
            session,
            is_reused: false,
        })
    }

    /// Keeps a connection for the next mail, unless it has served long enough.
    pub(crate) fn keep(self: &Arc<Self>, session: Session) {
        if session.mails >= MAILS_LIMIT {
            tokio::spawn(session.quit());
            return;
        }
        let since = Instant::now();
        let mut idle = self.idle();
        idle.sessions.push(Idle { session, since });
        if !idle.is_watched {
            idle.is_watched = true;
            tokio::spawn(close_unused(Arc::downgrade(self), since + IDLE_LIMIT));
        }
    }

    fn take_idle(&self) -> Option<Idle> {
        self.idle().sessions.pop()
    }

    /// Closes what waited for too long; says when to look again, or that nothing is left to look at.
    fn close_expired(&self) -> Option<Instant> {
        let mut idle = self.idle();
        let is_expired = |idle: &mut Idle| idle.since.elapsed() >= IDLE_LIMIT;
        for expired in idle.sessions.extract_if(.., is_expired) {
            tokio::spawn(expired.session.quit());
        }
        let next = idle.sessions.iter().map(|idle| idle.since + IDLE_LIMIT).min();
        idle.is_watched = next.is_some();
        next
    }

    fn idle(&self) -> MutexGuard<'_, IdleSessions> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn close_unused(pool: Weak<Pool>, mut at: Instant) {
    loop {
        sleep_until(at).await;
        match pool.upgrade().and_then(|pool| pool.close_expired()) {
            Some(next) => at = next,
            None => return,
        }
    }
}
