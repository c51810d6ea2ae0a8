//! How long things are kept once they are over.

use crate::ports::expired_rows::Expired;
use gatewright_domain::Duration;
use gatewright_domain::account::challenge::ChallengePolicy;

/// How long a challenge is kept after the end of its code and link: until then its owner is told that it is too old, afterwards that
/// it is not valid, as of one that never was.
const EXPIRED_CHALLENGES: Duration = Duration::hours(24);

/// How long a counter is kept after its window. By then it counts for nobody, also not by a clock that is behind.
const ENDED_COUNTERS: Duration = Duration::hours(1);

/// How long things are kept once they are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// Sessions that were ended, idle for too long, or too old.
    pub ended_sessions: Duration,
    /// The record of a sent mail, which tells neither what it said nor to whom.
    pub sent_mails: Duration,
    /// Mails that were set aside, as they were written.
    pub parked_mails: Duration,
    /// Audit events.
    pub audit_events: Duration,
}

impl Default for RetentionPolicy {
    fn default() -> Self {
        Self {
            ended_sessions: Duration::days(7),
            sent_mails: Duration::days(7),
            parked_mails: Duration::days(30),
            audit_events: Duration::days(400),
        }
    }
}

impl RetentionPolicy {
    /// How long after its end `what` is kept.
    #[must_use]
    pub fn span(&self, what: Expired, challenges: &ChallengePolicy) -> Duration {
        match what {
            // The last link for it was asked for before its end, and whoever follows that is told that it is too late.
            Expired::Registrations => challenges.verification_link_ttl,
            Expired::Challenges => EXPIRED_CHALLENGES,
            Expired::EndedSessions | Expired::OutlivedSessions => self.ended_sessions,
            Expired::AttemptCounters => ENDED_COUNTERS,
            Expired::SentMails => self.sent_mails,
            Expired::ParkedMails => self.parked_mails,
            Expired::AuditEvents => self.audit_events,
        }
    }
}
