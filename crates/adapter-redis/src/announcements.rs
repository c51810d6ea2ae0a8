//! Announcements to all processes, and the promise that they are heeded.
//!
//! # Protocol
//! A process is connected to Redis by one connection, over which it is subscribed and sends commands (RESP3). For as long as
//! that connection lives it is a *member*, under a name of its own, of the *registry*: a hash with one field a member.
//! - Every [`BEAT`] a member has a script count up its field and publish a beat to itself. It is listening while a beat has
//!   come back that it *sent* less than [`LEASE`] ago, by its own monotonic clock.
//! - Announcing is a script that publishes the announcements and answers all members. It is complete when each of them has
//!   acknowledged, or [`LEASE`] has passed since.
//!
//! # Why the promise holds
//! Scripts happen one after another, and a member gets what they publish in that order, over one connection. So a member that
//! has not heard an announcement can only hold a lease from beats before it, and these have ended when [`LEASE`] has passed;
//! by a later beat it cannot come to listen before it has heard the announcement. No clock of two machines is compared.
//!
//! That rests on the registry being complete. Redis may lose it: by `FLUSHALL`, eviction, a restart, a failover. Then the
//! announcer's own field is gone as well, or its connection is, and it has to become a member anew; and nothing that it
//! announces is complete before it has been a member for [`LEASE`], after which all leases from before the loss have ended. A
//! process that becomes a member is told that it missed something, after it is in the registry and before it listens.
//! A member that did not acknowledge is struck off when its lease has ended, unless it has beaten since.
//!
//! # While Redis is away
//! Nothing can be promised then, and announcing is an error. It is one only when [`LEASE`] has passed since this process was a
//! member: where Redis is gone for everybody, nobody relies on anything any more by that time. When it is back, not all become
//! members at the same moment. So nobody listens before it has been one for [`LEASE`], which is longer than the pause between
//! two tries: by then the others have announced what they could not announce before.
//!
//! In a cluster all of this happens at the node that holds the registry. What this cannot see is Redis in two minds: while two
//! servers both take themselves for the master, the processes at one do not hear those at the other. A process that is cut off
//! from a Redis that the others reach delivers its announcements when it is back.

mod deliveries;
mod join;
mod lease;
mod membership;
mod message;
mod outbound;
mod registry;
mod service;

use crate::error::{no_answer, unavailable};
use crate::options::RedisOptions;
use async_trait::async_trait;
use gatewright_application::ports::announcements::{Announcement, AnnouncementListener, Announcements};
use gatewright_application::ports::error::PortError;
use lease::Lease;
use outbound::Outbound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

/// For how long a beat lets its sender rely on what it remembers; so long an announcement waits at most for a member that is
/// gone.
pub const LEASE: Duration = Duration::from_millis(600);
/// Between two beats.
pub const BEAT: Duration = Duration::from_millis(200);

/// Announces over Redis. While Redis cannot be reached, announcing is an error, nothing remembered is relied on, and what was
/// announced waits, at most so much of it that others do better to forget everything.
pub struct RedisAnnouncements {
    shared: Arc<Shared>,
    timeout: Duration,
    closing: watch::Sender<bool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// What the service's task and its callers share.
struct Shared {
    lease: Lease,
    /// When the last membership ended, or the process began without one.
    interrupted_at: Mutex<Instant>,
    has_listener: AtomicBool,
    listener: RwLock<Option<Arc<dyn AnnouncementListener>>>,
    outbound: Outbound,
    standing: watch::Sender<Standing>,
}

/// Whether there is a way to the other processes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    /// About to become a member.
    Joining,
    /// A member.
    Member,
    /// Not a member, and why.
    Apart(String),
}

/// What announcing does at this moment, for measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnnouncementsStatus {
    /// Whether this process is a member.
    pub is_member: bool,
    /// Announcements that are still to be delivered.
    pub undelivered: usize,
}

impl RedisAnnouncements {
    /// Begins to join the processes that announce over the same Redis under the same prefix, on `handle`, and answers at once.
    /// `process` names this process and no other, also not one before it. `handle` has to be of a runtime with several threads.
    #[must_use]
    pub fn start(options: &RedisOptions, process: Uuid, handle: &Handle) -> Self {
        let shared = Arc::new(Shared {
            lease: Lease::new(LEASE),
            interrupted_at: Mutex::new(Instant::now()),
            has_listener: AtomicBool::new(false),
            listener: RwLock::default(),
            outbound: Outbound::default(),
            standing: watch::Sender::new(Standing::Joining),
        });
        let (closing, closed) = watch::channel(false);
        let task = service::serve(Arc::clone(&shared), options.clone(), process, closed);
        Self {
            shared,
            timeout: options.timeout(),
            closing,
            task: Mutex::new(Some(handle.spawn(task))),
        }
    }

    /// What it does at this moment.
    #[must_use]
    pub fn status(&self) -> AnnouncementsStatus {
        AnnouncementsStatus {
            is_member: *self.shared.standing.borrow() == Standing::Member,
            undelivered: self.shared.outbound.len(),
        }
    }

    /// Leaves the others, so that none of them waits for this process, and listens no more. What was not delivered is not
    /// delivered any more. Ends within twice the time-out.
    pub async fn close(&self) {
        self.closing.send_replace(true);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            let abort = task.abort_handle();
            if timeout(self.timeout * 2, task).await.is_err() {
                abort.abort();
            }
        }
        self.shared.lease.end();
    }

    /// Announces, and waits for the outcome.
    async fn deliver(&self, announcements: &[Announcement]) -> Result<(), PortError> {
        let mut standing = self.shared.standing.subscribe();
        let settles = async {
            standing
                .wait_for(|standing| *standing != Standing::Joining)
                .await
                .is_ok()
        };
        if timeout(self.timeout, settles).await.is_err() {
            self.shared.outbound.push(announcements, None);
            return Err(unavailable("not connected yet"));
        }
        let (done, outcome) = oneshot::channel();
        self.shared.outbound.push(announcements, Some(done));
        if let Standing::Apart(reason) = &*standing.borrow() {
            // Since it was looked at; otherwise whoever made it so has seen this caller.
            self.shared.outbound.fail_callers(reason);
        }
        // To publish, to join again in between, and to spare; and then to wait for somebody who is gone.
        let outcome = timeout(self.timeout * 3 + LEASE, outcome).await;
        outcome.map_or_else(
            |_| Err(no_answer()),
            |outcome| outcome.unwrap_or_else(|_| Err(closed())),
        )
    }
}

impl Drop for RedisAnnouncements {
    fn drop(&mut self) {
        let task = self.task.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = task {
            task.abort();
        }
    }
}

#[async_trait]
impl Announcements for RedisAnnouncements {
    async fn announce(&self, announcements: &[Announcement]) -> Result<(), PortError> {
        if announcements.is_empty() {
            return Ok(());
        }
        let outcome = self.deliver(announcements).await;
        if outcome.is_err() {
            sleep_until(self.shared.interrupted_at() + LEASE).await;
        }
        outcome
    }

    fn is_listening(&self) -> bool {
        self.shared.has_listener.load(Ordering::Acquire) && self.shared.lease.is_held()
    }

    fn listen(&self, listener: Arc<dyn AnnouncementListener>) {
        let mut named = self.shared.listener.write().unwrap_or_else(PoisonError::into_inner);
        *named = Some(Arc::clone(&listener));
        drop(named);
        // Nobody was told what was heard so far.
        listener.missed();
        self.shared.has_listener.store(true, Ordering::Release);
    }
}

fn closed() -> PortError {
    unavailable("announcing has ended")
}

impl Shared {
    fn interrupted_at(&self) -> Instant {
        *self.interrupted_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A membership has ended.
    fn note_interruption(&self) {
        self.lease.end();
        *self.interrupted_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn tell(&self, tell: impl FnOnce(&dyn AnnouncementListener)) {
        let listener = self.listener.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(listener) = listener {
            tell(listener.as_ref());
        }
    }
}
