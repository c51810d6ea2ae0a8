//! Rate limits that all processes share.

use crate::error::unavailable;
use crate::keys;
use crate::link::Redis;
use crate::script::LuaScript;
use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::rate_limiter::RateLimiter;
use gatewright_domain::Duration;
use gatewright_domain::abuse::rate_limit::{RateDecision, RateLimit};

/// Counts in Redis, by one script a decision and by the server's own time. A key is one string that expires when it says
/// nothing any more, at the latest when the limit's window and its cool-down are over.
pub struct RedisRateLimiter {
    redis: Redis,
    script: LuaScript,
    key_prefix: String,
}

/// A hundred years: the longest window and the longest cool-down. Lua counts whole microseconds to 2⁵³, 285 years.
const LONGEST: u128 = 100 * 365 * 24 * 3600 * 1_000_000;

impl RedisRateLimiter {
    /// Counts over `redis`.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self {
            key_prefix: format!("{}:rate:", redis.key_prefix()),
            script: LuaScript::new(include_str!("rate_limiter.lua")),
            redis,
        }
    }
}

#[async_trait]
impl RateLimiter for RedisRateLimiter {
    async fn admit(&self, limit: &RateLimit) -> Result<RateDecision, PortError> {
        let burst = u128::from(limit.burst.max(1));
        // Rounded up, so that no more than a burst becomes free in a window.
        let one = microseconds(limit.window).div_ceil(burst).max(1);
        let arguments = [burst, one, microseconds(limit.cool_down)].map(|number| number.to_string());
        let key = [keys::counter(&self.key_prefix, limit.key)];
        let call = |mut connection| async move { self.script.run(&mut connection, &key, &arguments).await };
        let (is_admitted, number): (bool, i64) = self.redis.call(call).await?;
        if is_admitted {
            let remaining = u32::try_from(number).map_err(|_| unavailable("the rate script answers nonsense"))?;
            return Ok(RateDecision::Admitted { remaining });
        }
        Ok(RateDecision::Refused {
            retry_after: Duration::microseconds(number.max(1)),
        })
    }
}

fn microseconds(span: Duration) -> u128 {
    span.unsigned_abs().as_micros().min(LONGEST)
}
