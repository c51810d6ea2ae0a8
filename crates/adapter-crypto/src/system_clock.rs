//! The machine's clock.

use gatewright_application::ports::clock::Clock;
use gatewright_domain::{Duration, Timestamp};

/// The machine's clock, in UTC. It follows the machine, also backwards.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock port")]
    fn now(&self) -> Timestamp {
        whole_microseconds(Timestamp::now_utc())
    }
}

fn whole_microseconds(moment: Timestamp) -> Timestamp {
    moment - Duration::nanoseconds((moment.nanosecond() % 1_000).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_moment_is_cut_to_whole_microseconds() {
        let cut = whole_microseconds(datetime!(2026-03-01 12:00:00.123_456_789 UTC));
        assert_eq!(cut, datetime!(2026-03-01 12:00:00.123_456 UTC));
        assert_eq!(whole_microseconds(cut), cut);
    }

    #[test]
    fn the_time_is_utc_and_of_this_age() {
        let now = SystemClock.now();
        assert!(now.offset().is_utc());
        assert_eq!(now.nanosecond() % 1_000, 0);
        assert!(now > datetime!(2026-01-01 00:00 UTC));
    }
}
