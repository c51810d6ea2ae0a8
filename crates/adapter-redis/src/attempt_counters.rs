//! Quotas counted in Redis.

use crate::keys;
use crate::link::Redis;
use crate::script::LuaScript;
use async_trait::async_trait;
use gatewright_application::ports::attempt_counters::AttemptCounters;
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::abuse::quota::Quota;

/// Counts in Redis, for quotas that may be forgotten: they outlive a restart of ours and not one of a Redis that keeps nothing.
/// What must never be forgotten, such as tries of a code, is counted in the database.
///
/// Several quotas are taken from at once, so in a cluster all of them live in one place, that of `{<prefix>:attempts}`.
pub struct RedisAttemptCounters {
    redis: Redis,
    script: LuaScript,
    key_prefix: String,
}

impl RedisAttemptCounters {
    /// Counts over `redis`.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self {
            key_prefix: format!("{{{}:attempts}}:", redis.key_prefix()),
            script: LuaScript::new(include_str!("attempt_counters.lua")),
            redis,
        }
    }
}

#[async_trait]
impl AttemptCounters for RedisAttemptCounters {
    async fn take(&self, quotas: &[Quota], now: Timestamp) -> Result<bool, PortError> {
        if quotas.is_empty() {
            return Ok(true);
        }
        let keys: Vec<String> = quotas
            .iter()
            .map(|quota| keys::counter(&self.key_prefix, quota.key))
            .collect();
        let mut arguments = vec![(now.unix_timestamp_nanos() / 1000).to_string()];
        for quota in quotas {
            arguments.push(quota.limit.to_string());
            arguments.push(quota.window.whole_microseconds().to_string());
        }
        let call = |mut connection| async move { self.script.run(&mut connection, &keys, &arguments).await };
        self.redis.call(call).await
    }
}
