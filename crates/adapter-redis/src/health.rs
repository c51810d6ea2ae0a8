//! Whether Redis works.

use crate::error::REDIS;
use crate::link::Redis;
use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::{HealthProbe, Importance};

/// Asks Redis to store something small: one that answers and can store nothing is of no use.
pub struct RedisHealth {
    redis: Redis,
}

impl RedisHealth {
    /// Asks over `redis`.
    #[must_use]
    pub fn new(redis: Redis) -> Self {
        Self { redis }
    }
}

#[async_trait]
impl HealthProbe for RedisHealth {
    fn name(&self) -> &'static str {
        REDIS
    }

    fn importance(&self) -> Importance {
        Importance::Degrading
    }

    async fn check(&self) -> Result<(), PortError> {
        self.redis.probe().await
    }
}
