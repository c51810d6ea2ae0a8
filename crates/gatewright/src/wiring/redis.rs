//! What the processes that share a database tell one another, by Redis or not at all.

use crate::config::database::DatabaseConfig;
use crate::config::fault::Fault;
use crate::config::redis::{REDIS_URL, RedisConfig};
use crate::config::storage::{StorageConfig, TLS_CA_FILE};
use crate::start_error::StartError;
use gatewright_adapter_local::announcements::LocalAnnouncements;
use gatewright_adapter_redis::{Redis, RedisAnnouncements, RedisHealth, RedisOptions};
use gatewright_application::ports::announcements::Announcements;
use gatewright_application::ports::gauges::{Gauge, GaugeSource};
use gatewright_application::ports::health_probe::HealthProbe;
use std::fs;
use std::sync::Arc;
use tokio::runtime::Handle;
use uuid::Uuid;

const REDIS: &str = "redis";

/// The link to the other processes.
pub(crate) struct Link {
    pub(crate) announcements: Arc<dyn Announcements>,
    /// `None` where the settings name no Redis.
    pub(crate) redis: Option<ConnectedRedis>,
}

/// Redis, as far as somebody has to look after it.
pub(crate) struct ConnectedRedis {
    pub(crate) health: Arc<dyn HealthProbe>,
    pub(crate) gauges: Arc<dyn GaugeSource>,
    pub(crate) announcements: Arc<RedisAnnouncements>,
}

/// Begins to connect where the settings name a Redis; whether it is there makes no difference. `process` names this process.
pub(crate) fn open(config: &StorageConfig, process: Uuid) -> Result<Link, StartError> {
    let Some(redis) = &config.redis else {
        return Ok(Link {
            announcements: Arc::new(without_redis(&config.database)),
            redis: None,
        });
    };
    let options = options(config, redis)?;
    let failed = |error: &dyn std::fmt::Display| StartError::dependency(REDIS, &error);
    let runtime = Handle::try_current().map_err(|error| failed(&error))?;
    let redis = Redis::start(&options, &runtime).map_err(|error| failed(&error))?;
    let announcements = Arc::new(RedisAnnouncements::start(&options, process, &runtime));
    Ok(Link {
        announcements: announcements.clone(),
        redis: Some(ConnectedRedis {
            health: Arc::new(RedisHealth::new(redis.clone())),
            gauges: Arc::new(RedisGauges {
                redis,
                announcements: announcements.clone(),
            }),
            announcements,
        }),
    })
}

/// `SQLite` serves one process. Of a server, nobody knows how many use it.
fn without_redis(database: &DatabaseConfig) -> LocalAnnouncements {
    match database {
        DatabaseConfig::Sqlite(_) => LocalAnnouncements::alone(),
        DatabaseConfig::Postgres(_) => LocalAnnouncements::unconnected(),
    }
}

/// The adapter's options, or what is wrong with the URL.
pub(crate) fn options(config: &StorageConfig, redis: &RedisConfig) -> Result<RedisOptions, Fault> {
    let options = RedisOptions::parse(&redis.url, &redis.key_prefix, redis.timeout.unsigned_abs())
        .map_err(|error| Fault::of(&REDIS_URL, &error.to_string()))?;
    let Some(file) = &config.tls_ca_file else {
        return Ok(options);
    };
    let authorities = fs::read(file).map_err(|error| Fault::of(&TLS_CA_FILE, &error.to_string()))?;
    options
        .trusting(&authorities)
        .map_err(|error| Fault::of(&TLS_CA_FILE, &error.to_string()))
}

struct RedisGauges {
    redis: Redis,
    announcements: Arc<RedisAnnouncements>,
}

impl GaugeSource for RedisGauges {
    fn read(&self, found: &mut dyn FnMut(Gauge, f64)) {
        let is_closed = self.redis.status().is_up;
        // Announcements are never silent, and so the first to notice.
        let is_up = is_closed && self.announcements.status().is_member;
        found(Gauge::RedisUp, f64::from(is_up));
        found(Gauge::RedisBreakerOpen, f64::from(!is_closed));
    }
}
