//! How fast each key may go, by governor.

use super::{LONGEST, shared_place};
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::abuse::rate_limit::RateLimit;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// Takes between two looks at how many keys there are.
const TAKES_BETWEEN_LOOKS: usize = 1024;

type Pace = RateLimiter<CounterKey, DashMapStateStore<CounterKey>, DefaultClock, StateInformationMiddleware>;

/// One limiter for each pair of a burst and a window, of which the settings name a few.
pub(super) struct Paces {
    most_keys: usize,
    clock: DefaultClock,
    by_quota: RwLock<HashMap<(u32, Duration), Arc<Pace>>>,
    taken: AtomicUsize,
    is_full: AtomicBool,
}

impl Paces {
    pub(super) fn new(most_keys: usize, clock: DefaultClock) -> Self {
        Self {
            most_keys,
            clock,
            by_quota: RwLock::default(),
            taken: AtomicUsize::new(0),
            is_full: AtomicBool::new(false),
        }
    }

    /// Takes one and answers how many are left, or how long to wait.
    pub(super) fn take(&self, limit: &RateLimit) -> Result<u32, Duration> {
        if self.taken.fetch_add(1, Ordering::Relaxed) % TAKES_BETWEEN_LOOKS == TAKES_BETWEEN_LOOKS - 1 {
            self.make_room();
        }
        let is_full = self.is_full.load(Ordering::Relaxed);
        let key = if is_full { shared_place(limit.key) } else { limit.key };
        match self.pace(limit).check_key(&key) {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(not_until) => Err(not_until.wait_time_from(self.clock.now())),
        }
    }

    fn pace(&self, limit: &RateLimit) -> Arc<Pace> {
        let burst = NonZeroU32::new(limit.burst).unwrap_or(NonZeroU32::MIN);
        let window = limit.window.unsigned_abs().min(LONGEST);
        let paces = self.by_quota.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(pace) = paces.get(&(burst.get(), window)) {
            return Arc::clone(pace);
        }
        drop(paces);
        let mut paces = self.by_quota.write().unwrap_or_else(PoisonError::into_inner);
        let pace = paces.entry((burst.get(), window)).or_insert_with(|| {
            let clock = self.clock.clone();
            let limiter = RateLimiter::dashmap_with_clock(quota(burst, window), clock);
            Arc::new(limiter.with_middleware())
        });
        Arc::clone(pace)
    }

    /// Drops the keys that are as good as new.
    fn make_room(&self) {
        let paces = self.by_quota.read().unwrap_or_else(PoisonError::into_inner);
        let keys = || paces.values().map(|pace| pace.len()).sum::<usize>();
        if keys() > self.most_keys {
            for pace in paces.values() {
                pace.retain_recent();
            }
        }
        self.is_full.store(keys() > self.most_keys, Ordering::Relaxed);
    }
}

fn quota(burst: NonZeroU32, window: Duration) -> Quota {
    // Rounded up, so that no more than a burst becomes free in a window.
    let one = window.as_nanos().div_ceil(u128::from(burst.get())).max(1);
    let one = Duration::from_nanos(u64::try_from(one).unwrap_or(u64::MAX));
    let quota = Quota::with_period(one).unwrap_or(Quota::per_second(burst));
    quota.allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(number: u32, window: time::Duration) -> RateLimit {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
        key[28..].copy_from_slice(&number.to_be_bytes());
        RateLimit {
            key: CounterKey(key),
            burst: 1,
            window,
            cool_down: time::Duration::ZERO,
        }
    }

    fn keys(paces: &Paces) -> usize {
        paces.by_quota.read().unwrap().values().map(|pace| pace.len()).sum()
    }

    #[test]
    fn keys_that_are_as_good_as_new_are_dropped() {
        let paces = Paces::new(100, DefaultClock::default());
        for number in 0..100_000 {
            assert_eq!(paces.take(&limit(number, time::Duration::MICROSECOND)), Ok(0));
        }
        assert!(keys(&paces) <= 100 + TAKES_BETWEEN_LOOKS, "{}", keys(&paces));
    }

    #[test]
    fn keys_that_are_in_use_are_bounded_and_late_comers_are_still_counted() {
        let (most, hour) = (100, time::Duration::HOUR);
        let paces = Paces::new(most, DefaultClock::default());
        let admitted = (0..100_000).filter(|number| paces.take(&limit(*number, hour)).is_ok());
        let most_admitted = most + TAKES_BETWEEN_LOOKS + 4096;
        assert!(admitted.count() <= most_admitted);
        assert!(keys(&paces) <= most_admitted, "{}", keys(&paces));
    }
}
