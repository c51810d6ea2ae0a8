//! The contract of [`Clock`].

use crate::running::check;
use gatewright_application::ports::clock::Clock;
use time::UtcOffset;

/// Runs every case.
pub fn suite(clock: &dyn Clock) {
    check(the_time_is_in_utc_and_whole_microseconds, clock);
}

fn the_time_is_in_utc_and_whole_microseconds(clock: &dyn Clock) {
    for _ in 0..1000 {
        let now = clock.now();
        assert_eq!(now.offset(), UtcOffset::UTC);
        assert_eq!(now.nanosecond() % 1000, 0, "{now}");
    }
}
