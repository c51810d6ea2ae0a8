//! Rate limits counted in this process's memory.

mod cool_downs;
mod paces;

use async_trait::async_trait;
use cool_downs::CoolDowns;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::rate_limiter::RateLimiter;
use gatewright_domain::Duration;
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::abuse::rate_limit::{RateDecision, RateLimit};
use governor::clock::{Clock as _, DefaultClock};
use paces::Paces;
use std::time;

/// Counts with governor, for one process, by its monotonic clock.
///
/// Its memory is bounded: about 100 000 keys whose pace is counted and as many that cool down, some twenty megabytes at worst.
/// Who comes when all of that is in use shares one of 4096 places with others until there is room again, and so is refused
/// too early rather than too late.
pub struct LocalRateLimiter {
    clock: DefaultClock,
    paces: Paces,
    cool_downs: CoolDowns,
}

/// Most keys of each kind, roughly.
const MOST_KEYS: usize = 100_000;
/// The longest window and the longest cool-down, a hundred years: governor counts nanoseconds in 64 bits.
const LONGEST: time::Duration = time::Duration::from_hours(100 * 365 * 24);

impl LocalRateLimiter {
    /// Nothing counted yet.
    #[must_use]
    pub fn new() -> Self {
        let clock = DefaultClock::default();
        Self {
            paces: Paces::new(MOST_KEYS, clock.clone()),
            cool_downs: CoolDowns::new(MOST_KEYS),
            clock,
        }
    }

    fn decide(&self, limit: &RateLimit) -> RateDecision {
        if limit.cool_down.is_zero() {
            return match self.paces.take(limit) {
                Ok(remaining) => RateDecision::Admitted { remaining },
                Err(wait) => refused(wait),
            };
        }
        if let Some(wait) = self.cool_downs.left(limit.key, self.clock.now()) {
            return refused(wait);
        }
        match self.paces.take(limit) {
            Ok(remaining) => RateDecision::Admitted { remaining },
            Err(wait) => {
                let cool_down = limit.cool_down.unsigned_abs();
                refused(self.cool_downs.begin(limit.key, cool_down, wait, self.clock.now()))
            }
        }
    }
}

impl Default for LocalRateLimiter {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl RateLimiter for LocalRateLimiter {
    async fn admit(&self, limit: &RateLimit) -> Result<RateDecision, PortError> {
        Ok(self.decide(limit))
    }
}

fn refused(wait: time::Duration) -> RateDecision {
    let retry_after = Duration::try_from(wait).unwrap_or(Duration::MAX);
    RateDecision::Refused {
        retry_after: retry_after.max(Duration::NANOSECOND),
    }
}

/// The place that `key` shares with others where there is no room for one of its own.
fn shared_place(key: CounterKey) -> CounterKey {
    let CounterKey([first, second, ..]) = key;
    let mut place = [0; 32];
    place[..2].copy_from_slice(&[first, second & 0xf0]);
    CounterKey(place)
}
