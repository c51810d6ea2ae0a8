//! Taking mails out of the outbox.

use crate::mail::outbox_mail::{MailId, OutboxMail};
use crate::ports::error::PortError;
use async_trait::async_trait;
use gatewright_domain::{Duration, Timestamp};
use uuid::Uuid;

/// A mail that one worker holds for the time of its lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMail {
    /// The mail.
    pub mail: OutboxMail,
    /// Tells this claim from later ones.
    pub claim: Uuid,
    /// How often it was claimed, this time included.
    pub attempts: u32,
}

/// What became of a claimed mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailOutcome {
    /// The next server took it.
    Sent,
    /// It did not work out now: try again at that time.
    Retry {
        /// When.
        at: Timestamp,
        /// Why, without secrets.
        reason: String,
    },
    /// It never will: set aside.
    Parked {
        /// Why, without secrets.
        reason: String,
    },
}

/// How many of a kind [`Outbox::backlog`] counts; a longer line is told as this many.
pub const BACKLOG_COUNTED: u32 = 10_000;

/// What waits in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Mails that have not left yet, at most [`BACKLOG_COUNTED`].
    pub waiting: u32,
    /// Mails set aside, at most [`BACKLOG_COUNTED`].
    pub parked: u32,
    /// Since when the mail that has been due for longest is due; `None` where none is. One that a worker holds is not due.
    pub oldest_due_at: Option<Timestamp>,
}

/// Hands mails to workers.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Claims at most `limit` mails that are due at `now`, oldest first, until `now + lease`. A mail MUST NOT be
    /// held by two claims at once; one whose lease ran out without a record MUST be due again. `claim` is a
    /// fresh id that names this call's claims.
    async fn claim_due(
        &self,
        claim: Uuid,
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<ClaimedMail>, PortError>;

    /// Ends every claim whose lease still runs: its mails are due at `now`. Only for a caller that knows no other
    /// worker to be at work, so that what a killed one held leaves without waiting for its lease.
    async fn release_claims(&self, now: Timestamp) -> Result<(), PortError>;

    /// Records what became of a mail. `Sent` MUST erase its sealed content (it holds codes and links) and its
    /// recipient; `Parked` MUST keep both, for whoever looks into it. A record under a claim that is no longer the
    /// mail's MUST change nothing.
    async fn record(&self, id: MailId, claim: Uuid, outcome: MailOutcome, now: Timestamp) -> Result<(), PortError>;

    /// What waits at `now`. MUST cost no more on a long line than on one of [`BACKLOG_COUNTED`].
    async fn backlog(&self, now: Timestamp) -> Result<Backlog, PortError>;
}
