//! What several processes share: PostgreSQL with durable settings, and Redis; and the processes.

use crate::durable_postgres::DurablePostgres;
use crate::report::Report;
use gatewright_private_servers::{RedisServer, installed_redis};
use gatewright_tests::server::Server;

/// PostgreSQL and Redis, stopped when dropped.
pub(crate) struct Stores {
    pub(crate) postgres: DurablePostgres,
    redis: RedisServer,
}

impl Stores {
    pub(crate) fn start(report: &mut Report) -> Self {
        #[expect(clippy::expect_used, reason = "there is nothing to measure without it")]
        let program = installed_redis().expect("Redis is installed; `cargo xtask services` sees to that");
        let stores = Self {
            postgres: DurablePostgres::start(),
            redis: RedisServer::start(&program, &[]).unwrap(),
        };
        report.parameter("PostgreSQL", stores.postgres.describe());
        report.parameter("Redis", "same machine, nothing on disk");
        report.parameter("connections of a process to PostgreSQL", 16);
        stores
    }

    /// A process on a database, which leaves jobs and mails to others.
    pub(crate) fn process(&self, database: &str, more: &[(&str, &str)]) -> Server {
        let redis = self.redis.url();
        // Others on this Redis have other databases.
        let (_, name) = database.rsplit_once('/').unwrap();
        let prefix = name.split('?').next().unwrap_or(name);
        let settings = [
            ("DATABASE_URL", database),
            ("REDIS_URL", &redis),
            ("REDIS_KEY_PREFIX", prefix),
            ("EMAIL_VERIFICATION", "off"),
            ("RATE_LIMITS", "off"),
            ("LOG_LEVEL", "warn"),
            ("SCHEDULER", "external"),
        ];
        Server::with(&[&settings, more].concat())
    }

    /// A process beside `first`, on the same database and with the same keys.
    pub(crate) fn process_beside(&self, first: &Server, database: &str, more: &[(&str, &str)]) -> Server {
        let folder = first.data_dir().to_str().unwrap();
        self.process(database, &[&[("DATA_DIR", folder)], more].concat())
    }
}
