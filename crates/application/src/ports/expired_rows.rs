//! Removing what is no longer needed, a batch at a time.

use crate::ports::error::PortError;
use crate::ports::jobs::JobRun;
use async_trait::async_trait;
use gatewright_domain::Timestamp;
use gatewright_domain::session::session::SessionId;

/// What can be removed once its time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expired {
    /// Registrations whose `expires_at` has come.
    Registrations,
    /// Challenges whose code and link are both over.
    Challenges,
    /// Sessions that were ended.
    EndedSessions,
    /// Sessions whose `expires_at`, the end of their absolute lifetime, has come.
    OutlivedSessions,
    /// Counters whose window has ended.
    AttemptCounters,
    /// Mails sent.
    SentMails,
    /// Mails set aside.
    ParkedMails,
    /// Audit events.
    AuditEvents,
}

impl Expired {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Registrations,
        Self::Challenges,
        Self::EndedSessions,
        Self::OutlivedSessions,
        Self::AttemptCounters,
        Self::SentMails,
        Self::ParkedMails,
        Self::AuditEvents,
    ];
}

/// What became of one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// So many rows are gone. Fewer than asked for: there were no more that nobody held.
    Removed(u32),
    /// Nothing was removed: a later run of the job has begun.
    Superseded,
}

/// What became of one step through the sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionSweep {
    /// So many were removed; go on after `next`, or be done with `None`.
    Swept {
        /// Removed.
        removed: u32,
        /// The last session looked at.
        next: Option<SessionId>,
    },
    /// Nothing was removed: a later run of the job has begun.
    Superseded,
}

/// Removes. Nothing depends on it but space: every rule that knows a time looks at it when it reads.
#[async_trait]
pub trait ExpiredRows: Send + Sync {
    /// Removes at most `limit` of what was over at `before` (its end had come by then), oldest first. MUST remove nothing where
    /// `run` is not the latest of its job, decided in the same atomic step: once a later claim was answered, nothing more goes. MUST
    /// NOT wait for rows that somebody else has locked.
    async fn remove(&self, run: &JobRun, what: Expired, before: Timestamp, limit: u32) -> Result<Removal, PortError>;

    /// Looks at the next `limit` sessions after `after` in the order of their ids, and removes those whose idle time was over at
    /// `before`, under the same conditions. They are walked through and not looked up: an index on the idle time would have to be
    /// written at every refresh. `limit` MUST be above zero.
    async fn sweep_idle_sessions(
        &self,
        run: &JobRun,
        after: Option<SessionId>,
        before: Timestamp,
        limit: u32,
    ) -> Result<SessionSweep, PortError>;
}
