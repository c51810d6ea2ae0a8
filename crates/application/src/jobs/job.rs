//! The closed list of jobs.

use gatewright_domain::{Duration, Timestamp};

/// Periodic work. Each job runs once in its interval, however many processes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Job {
    /// Removes sign-ups that nobody proved.
    RemoveExpiredRegistrations,
    /// Removes codes and links whose time is over, and counters whose window is.
    RemoveExpiredChallenges,
    /// Removes sessions that were ended or reached the end of their absolute lifetime.
    RemoveEndedSessions,
    /// Removes sessions that were idle for too long. It looks at every one.
    RemoveIdleSessions,
    /// Removes mails sent or set aside that were kept for long enough.
    RemoveOldMails,
    /// Removes audit events beyond their retention.
    RemoveOldAuditEvents,
    /// Makes a new signing key when the newest is old enough.
    RotateSigningKeys,
}

impl Job {
    /// Every job.
    pub const ALL: [Self; 7] = [
        Self::RemoveExpiredRegistrations,
        Self::RemoveExpiredChallenges,
        Self::RemoveEndedSessions,
        Self::RemoveIdleSessions,
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
            Self::RemoveIdleSessions => "remove-idle-sessions",
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

    /// It runs once in each such span of time, counted from the epoch. Whole seconds.
    #[must_use]
    pub const fn interval(self) -> Duration {
        match self {
            Self::RemoveExpiredRegistrations | Self::RemoveExpiredChallenges => Duration::minutes(5),
            Self::RemoveEndedSessions | Self::RemoveOldMails | Self::RotateSigningKeys => Duration::hours(1),
            Self::RemoveOldAuditEvents => Duration::hours(6),
            Self::RemoveIdleSessions => Duration::days(1),
        }
    }

    /// When the interval began that `now` is in.
    #[must_use]
    pub fn window_of(self, now: Timestamp) -> Timestamp {
        let (seconds, interval) = (now.unix_timestamp(), self.interval().whole_seconds());
        // Whoever asks for the time before the epoch's first interval gets the epoch.
        Timestamp::from_unix_timestamp(seconds - seconds.rem_euclid(interval)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn every_job_is_found_by_its_name() {
        for job in Job::ALL {
            assert_eq!(Job::named(job.as_str()), Some(job));
        }
        assert_eq!(Job::named("remove-everything"), None);
    }

    #[test]
    fn windows_follow_each_other_without_a_gap() {
        let now = datetime!(2026-03-01 13:04:59.999_999 UTC);
        let window = |job: Job| job.window_of(now);
        assert_eq!(window(Job::RemoveExpiredChallenges), datetime!(2026-03-01 13:00 UTC));
        assert_eq!(window(Job::RotateSigningKeys), datetime!(2026-03-01 13:00 UTC));
        assert_eq!(window(Job::RemoveOldAuditEvents), datetime!(2026-03-01 12:00 UTC));
        assert_eq!(window(Job::RemoveIdleSessions), datetime!(2026-03-01 00:00 UTC));
        for job in Job::ALL {
            let (begin, end) = (window(job), window(job) + job.interval());
            assert_eq!(job.window_of(begin), begin);
            assert_eq!(job.window_of(end - Duration::MICROSECOND), begin);
            assert_eq!(job.window_of(end), end);
        }
    }
}
