//! Quotas: at most so many of something in a window of time.

use crate::Duration;
use std::fmt;

/// Names a counter without revealing what it counts: a keyed digest of, say, an e-mail address.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CounterKey(pub [u8; 32]);

impl fmt::Debug for CounterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CounterKey({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// At most `limit` within `window`; the window begins with the first one counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// What is counted.
    pub key: CounterKey,
    /// How many are allowed.
    pub limit: u32,
    /// In what span of time.
    pub window: Duration,
}

/// A limit without the key it is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many are allowed.
    pub limit: u32,
    /// In what span of time.
    pub window: Duration,
}

impl Allowance {
    /// `limit` in `window`.
    #[must_use]
    pub const fn new(limit: u32, window: Duration) -> Self {
        Self { limit, window }
    }

    /// This allowance, counted under `key`.
    #[must_use]
    pub const fn under(self, key: CounterKey) -> Quota {
        Quota {
            key,
            limit: self.limit,
            window: self.window,
        }
    }
}

/// How many mails a stranger can cause: without bounds, a sign-up form is a way to flood anybody's mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailQuotas {
    /// To one recipient in an hour.
    pub recipient_hourly: Allowance,
    /// To one recipient in a day.
    pub recipient_daily: Allowance,
    /// Caused by one client address (IPv4 /32, IPv6 /64).
    pub client: Allowance,
    /// By everybody together.
    pub global: Allowance,
}

impl Default for MailQuotas {
    fn default() -> Self {
        Self {
            recipient_hourly: Allowance::new(5, Duration::hours(1)),
            recipient_daily: Allowance::new(10, Duration::hours(24)),
            client: Allowance::new(60, Duration::hours(1)),
            global: Allowance::new(20_000, Duration::hours(1)),
        }
    }
}
