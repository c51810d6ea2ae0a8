//! Rate limits while the server that counts for everybody is away.

use crate::ports::error::PortError;
use crate::ports::rate_limiter::RateLimiter;
use async_trait::async_trait;
use gatewright_domain::Duration;
use gatewright_domain::abuse::rate_limit::{RateDecision, RateLimit};
use std::num::NonZeroU32;
use std::sync::Arc;

/// When to come back, where not even this process could count.
const NOBODY_COUNTS: Duration = Duration::seconds(1);

/// Asks the limiter that all processes share and, where that does not answer, one of this process's own with a share of
/// the limit: together the processes admit at no faster pace than before. Never an error, never an open door.
pub struct StricterWhileAway {
    /// Counts for all processes.
    pub shared: Arc<dyn RateLimiter>,
    /// Counts for this process.
    pub local: Arc<dyn RateLimiter>,
    /// Among how many processes a limit is divided meanwhile; more than there are is stricter, fewer more lenient.
    pub processes: NonZeroU32,
}

#[async_trait]
impl RateLimiter for StricterWhileAway {
    async fn admit(&self, limit: &RateLimit) -> Result<RateDecision, PortError> {
        match self.shared.admit(limit).await {
            Ok(decision) => Ok(decision),
            Err(error) => {
                tracing::debug!(%error, "a rate limit is counted by this process alone");
                Ok(self.admit_alone(limit).await)
            }
        }
    }
}

impl StricterWhileAway {
    async fn admit_alone(&self, limit: &RateLimit) -> RateDecision {
        let decision = self.local.admit(&share_of(limit, self.processes)).await;
        decision.unwrap_or_else(|error| {
            tracing::error!(%error, "a rate limit cannot be counted at all");
            RateDecision::Refused {
                retry_after: NOBODY_COUNTS,
            }
        })
    }
}

/// The same limit for one of so many processes. A burst is at least one, so where there are fewer to share than processes,
/// it takes longer until it is free again.
fn share_of(limit: &RateLimit, processes: NonZeroU32) -> RateLimit {
    let burst = (limit.burst / processes).max(1);
    let shared = u128::from(burst) * u128::from(processes.get());
    let window = limit.window.unsigned_abs().as_micros().saturating_mul(shared);
    let window = window.div_ceil(u128::from(limit.burst.max(1)));
    RateLimit {
        burst,
        window: Duration::microseconds(i64::try_from(window).unwrap_or(i64::MAX)),
        ..*limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_domain::abuse::quota::CounterKey;

    fn limit(burst: u32, window: Duration) -> RateLimit {
        RateLimit {
            key: CounterKey([7; 32]),
            burst,
            window,
            cool_down: Duration::minutes(5),
        }
    }

    fn shared_among(processes: u32, whole: RateLimit) -> RateLimit {
        share_of(&whole, NonZeroU32::new(processes).unwrap())
    }

    #[test]
    fn one_process_has_the_whole_limit() {
        let whole = limit(7, Duration::minutes(1));
        assert_eq!(shared_among(1, whole), whole);
    }

    #[test]
    fn processes_share_the_burst() {
        let share = shared_among(4, limit(20, Duration::minutes(1)));
        assert_eq!(share, limit(5, Duration::minutes(1)));
    }

    #[test]
    fn together_they_keep_the_pace_of_a_burst_that_does_not_divide() {
        for (burst, processes) in [(3, 5), (7, 2), (1, 16), (10, 3)] {
            let share = shared_among(processes, limit(burst, Duration::minutes(1)));
            let together = f64::from(share.burst) * f64::from(processes) / share.window.as_seconds_f64();
            let published = f64::from(burst) / 60.0;
            assert!((together - published).abs() < 1e-6, "{burst} among {processes}");
        }
    }

    #[test]
    fn the_longest_window_does_not_overflow() {
        let share = shared_among(u32::MAX, limit(1, Duration::MAX));
        assert_eq!(share.window, Duration::microseconds(i64::MAX));
    }
}
