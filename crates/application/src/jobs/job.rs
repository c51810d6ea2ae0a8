//! The closed list of jobs.

use gatewright_domain::Duration;

/// Periodic work. Each job runs once in its interval, however many processes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Job {
    /// Removes sign-ups that nobody proved.
    RemoveExpiredRegistrations,
    /// Removes codes and links whose time is over, and counters whose window is.
    RemoveExpiredChallenges,
    /// Removes sessions that ended, were idle for too long, or reached their absolute lifetime.
    RemoveEndedSessions,
    /// Removes mails sent or set aside that were kept for long enough.
    RemoveOldMails,
    /// Removes audit events beyond their retention.
    RemoveOldAuditEvents,
    /// Makes a new signing key when the newest is old enough.
    RotateSigningKeys,
}

impl Job {
    /// Every job.
    pub const ALL: [Self; 6] = [
        Self::RemoveExpiredRegistrations,
        Self::RemoveExpiredChallenges,
        Self::RemoveEndedSessions,
        Self::RemoveOldMails,
        Self::RemoveOldAuditEvents,
        Self::RotateSigningKeys,
    ];

    /// Its name in the table of jobs, in metrics and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RemoveExpiredRegistrations => "remove-expired-registrations",
            Self::RemoveExpiredChallenges => "remove-expired-challenges",
            Self::RemoveEndedSessions => "remove-ended-sessions",
            Self::RemoveOldMails => "remove-old-mails",
            Self::RemoveOldAuditEvents => "remove-old-audit-events",
            Self::RotateSigningKeys => "rotate-signing-keys",
        }
    }

    /// The job of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job| job.as_str() == name)
    }

    /// It runs once in each such span of time, counted from the epoch.
    #[must_use]
    pub const fn interval(self) -> Duration {
        match self {
            Self::RemoveExpiredRegistrations | Self::RemoveExpiredChallenges => Duration::minutes(5),
            Self::RemoveEndedSessions | Self::RemoveOldMails | Self::RotateSigningKeys => Duration::hours(1),
            Self::RemoveOldAuditEvents => Duration::hours(6),
        }
    }
}
