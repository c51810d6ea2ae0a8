//! How long one client may take: what a connection waits for now, and until when.

use crate::settings::HttpSettings;
use std::cell::Cell;
use std::time::Duration;
use tokio::time::Instant;

/// Connections that actix would close in its own, more polite way are given so much more time to let it.
const FOR_ACTIX: Duration = Duration::from_secs(1);
/// How long a new connection may take for its first request when the server stops.
const LAST_CALL: Duration = Duration::from_secs(1);

/// The deadlines of every connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    head: Duration,
    keep_alive: Duration,
    /// How long an answer may take to be fetched.
    pub(super) answer: Duration,
}

impl Patience {
    pub(super) fn of(settings: &HttpSettings) -> Self {
        Self {
            head: settings.head_deadline,
            keep_alive: settings.keep_alive,
            answer: settings.answer_deadline,
        }
    }
}

/// Where a connection stands. Its stream and its requests, which are on the same thread, share it.
#[derive(Debug)]
pub(crate) struct Pace {
    patience: Patience,
    phase: Cell<Phase>,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Nothing has come yet.
    New { since: Instant },
    /// Something came outside of a request: the next request's head, or what is left of the last one's body.
    Receiving { since: Instant },
    /// A request is being answered; reading its body is bounded where it is read.
    Answering,
    /// The last request is answered.
    Idle { since: Instant },
}

/// What becomes of a connection whose time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeUp {
    /// Nothing is under way: it ends as if the client had ended it.
    End,
    /// The client has begun something and does not finish it: it is cut.
    Cut,
}

impl Pace {
    pub(super) fn new(patience: Patience) -> Self {
        let since = Instant::now();
        Self {
            patience,
            phase: Cell::new(Phase::New { since }),
        }
    }

    /// A request's head was read.
    pub(crate) fn request_began(&self) {
        self.phase.set(Phase::Answering);
    }

    /// It was answered, or given up.
    pub(crate) fn request_ended(&self) {
        let since = Instant::now();
        self.phase.set(Phase::Idle { since });
    }

    /// Something came.
    pub(super) fn received(&self) {
        if let Phase::New { .. } | Phase::Idle { .. } = self.phase.get() {
            let since = Instant::now();
            self.phase.set(Phase::Receiving { since });
        }
    }

    /// Until when something has to come, and what becomes of the connection otherwise; `None` while it is our turn.
    pub(super) fn deadline(&self, closing: bool) -> Option<(Instant, TimeUp)> {
        match self.phase.get() {
            Phase::New { since } if closing => Some((since + LAST_CALL, TimeUp::End)),
            Phase::New { since } => Some((since + self.patience.head + FOR_ACTIX, TimeUp::End)),
            Phase::Receiving { since } => Some((since + self.patience.head, TimeUp::Cut)),
            Phase::Answering => None,
            Phase::Idle { since } if closing => Some((since, TimeUp::End)),
            Phase::Idle { since } => Some((since + self.patience.keep_alive + FOR_ACTIX, TimeUp::End)),
        }
    }
}
