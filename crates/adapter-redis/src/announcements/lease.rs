//! Until when this process listens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// A lease that is extended by beats and ends by itself, by the monotonic clock alone.
pub(super) struct Lease {
    length: Duration,
    began: Instant,
    /// Nanoseconds since it began.
    ends_at: AtomicU64,
}

impl Lease {
    /// One that has ended.
    pub(super) fn new(length: Duration) -> Self {
        Self {
            length,
            began: Instant::now(),
            ends_at: AtomicU64::new(0),
        }
    }

    /// Lasts its length from `sent_at`, and no shorter than before.
    pub(super) fn extend(&self, sent_at: Instant) {
        let ends_at = nanoseconds(sent_at.saturating_duration_since(self.began) + self.length);
        self.ends_at.fetch_max(ends_at, Ordering::AcqRel);
    }

    /// Ends at once.
    pub(super) fn end(&self) {
        self.ends_at.store(0, Ordering::Release);
    }

    /// Whether it has not ended.
    pub(super) fn is_held(&self) -> bool {
        let ends_at = self.ends_at.load(Ordering::Acquire);
        nanoseconds(self.began.elapsed()) < ends_at
    }
}

fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lasts_from_when_a_beat_was_sent() {
        let lease = Lease::new(Duration::from_mins(1));
        assert!(!lease.is_held());
        lease.extend(Instant::now());
        assert!(lease.is_held());
        lease.end();
        assert!(!lease.is_held());
    }

    #[test]
    fn a_beat_that_comes_back_too_late_is_worth_nothing() {
        let lease = Lease::new(Duration::from_nanos(1));
        lease.extend(Instant::now());
        assert!(!lease.is_held());
    }
}
