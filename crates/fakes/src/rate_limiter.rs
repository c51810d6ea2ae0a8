//! Rate limits counted in memory.

use async_trait::async_trait;
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::rate_limiter::RateLimiter;
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::abuse::rate_limit::{RateDecision, RateLimit};
use gatewright_domain::{Duration, Timestamp};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts by a clock that a test sets, and is away when told to.
pub struct ListedRates {
    clock: Arc<dyn Clock>,
    is_away: AtomicBool,
    rates: Mutex<HashMap<CounterKey, Rate>>,
}

#[derive(Clone, Copy)]
struct Rate {
    /// When everything that was admitted is free again.
    free_at: Timestamp,
    cool_until: Timestamp,
}

impl ListedRates {
    /// Counts by `clock`.
    #[must_use]
    pub fn by(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            is_away: AtomicBool::new(false),
            rates: Mutex::default(),
        }
    }

    /// Answers nothing for as long as this is `true`.
    pub fn set_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }
}

#[async_trait]
impl RateLimiter for ListedRates {
    async fn admit(&self, limit: &RateLimit) -> Result<RateDecision, PortError> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(PortError::Unavailable {
                dependency: "rates",
                reason: "away".to_owned(),
            });
        }
        let now = self.clock.now();
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Rate {
            free_at: now,
            cool_until: now,
        };
        Ok(rates.entry(limit.key).or_insert(fresh).admit(limit, now))
    }
}

impl Rate {
    fn admit(&mut self, limit: &RateLimit, now: Timestamp) -> RateDecision {
        let burst = i128::from(limit.burst);
        let one = (limit.window.whole_nanoseconds() + burst - 1) / burst;
        let free_at = (self.free_at - now).whole_nanoseconds().max(0) + one;
        let wait = (free_at - one * burst).max(0);
        let cooling = (self.cool_until - now).whole_nanoseconds().max(0);
        if wait == 0 && cooling == 0 {
            self.free_at = now + nanoseconds(free_at);
            let remaining = (one * burst - free_at) / one;
            return RateDecision::Admitted {
                remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
            };
        }
        if cooling == 0 {
            self.cool_until = now + limit.cool_down;
        }
        RateDecision::Refused {
            retry_after: nanoseconds(wait).max(self.cool_until - now),
        }
    }
}

fn nanoseconds(count: i128) -> Duration {
    Duration::nanoseconds(i64::try_from(count).unwrap_or(i64::MAX))
}
