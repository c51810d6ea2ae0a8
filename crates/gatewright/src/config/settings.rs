//! The table of settings, by section.

use crate::config::setting::Setting;
use crate::config::{
    background, browsers, database, environment, hashing, keys, limits, logging, mail, observation, passwords, proofs,
    redis, server, sessions, storage,
};

/// Settings that belong together.
#[derive(Debug)]
pub struct Section {
    /// What they are about.
    pub title: &'static str,
    /// The settings, the more often needed ones first.
    pub settings: &'static [&'static Setting],
}

/// Every section, in the order in which they are documented.
pub const SECTIONS: [Section; 12] = [
    Section {
        title: "Server",
        settings: &[
            &environment::APP_ENV,
            &server::BIND,
            &server::PUBLIC_BASE_URL,
            &server::TRUSTED_PROXIES,
            &server::WORKERS,
            &server::SHUTDOWN_DELAY,
            &server::SHUTDOWN_TIMEOUT,
        ],
    },
    Section {
        title: "Storage",
        settings: &[
            &storage::DATA_DIR,
            &database::DATABASE_URL,
            &database::SQLITE_READERS,
            &database::DATABASE_POOL_SIZE,
            &database::DATABASE_ACQUIRE_TIMEOUT,
            &database::DATABASE_STATEMENT_TIMEOUT,
            &database::MIGRATE_AT_START,
            &redis::REDIS_URL,
            &redis::REDIS_KEY_PREFIX,
            &redis::REDIS_TIMEOUT,
            &storage::TLS_CA_FILE,
        ],
    },
    Section {
        title: "Keys",
        settings: &[&keys::SECRET_KEY, &keys::SECRET_KEY_PREVIOUS, &keys::TOKEN_KEYS],
    },
    Section {
        title: "Sessions and tokens",
        settings: &[
            &sessions::ACCESS_TOKEN_FORMAT,
            &sessions::ACCESS_TOKEN_TTL,
            &sessions::REFRESH_IDLE_TTL,
            &sessions::SESSION_TTL,
            &sessions::REFRESH_REUSE_GRACE,
            &sessions::TOKEN_ISSUER,
            &sessions::TOKEN_AUDIENCE,
        ],
    },
    Section {
        title: "Registration and recovery",
        settings: &[
            &proofs::EMAIL_VERIFICATION,
            &proofs::VERIFICATION_CODE_TTL,
            &proofs::VERIFICATION_LINK_TTL,
            &proofs::PASSWORD_RESET_METHOD,
            &proofs::PASSWORD_RESET_TTL,
        ],
    },
    Section {
        title: "Passwords",
        settings: &[
            &passwords::PASSWORD_POLICY,
            &passwords::PASSWORD_MIN_LENGTH,
            &passwords::PASSWORD_BLOCKLIST_FILE,
            &keys::PASSWORD_PEPPER,
            &hashing::HASH_MEMORY_KIB,
            &hashing::HASH_ITERATIONS,
            &hashing::HASH_PARALLELISM,
            &hashing::HASH_THREADS,
            &hashing::HASH_QUEUE,
            &hashing::HASH_MAX_WAIT,
        ],
    },
    Section {
        title: "Browsers",
        settings: &[&browsers::CORS_ALLOWED_ORIGINS, &browsers::COOKIE_SAME_SITE],
    },
    Section {
        title: "Mail",
        settings: &[
            &mail::PRODUCT_NAME,
            &mail::MAIL_FROM,
            &mail::MAIL_TEMPLATES_DIR,
            &mail::SMTP_URL,
            &mail::SMTP_CONNECTIONS,
            &mail::SMTP_TIMEOUT,
            &mail::DKIM_DOMAIN,
            &mail::DKIM_SELECTOR,
            &mail::DKIM_KEY,
        ],
    },
    Section {
        title: "Limits",
        settings: &[
            &limits::RATE_LIMITS,
            &limits::MAIL_QUOTA_RECIPIENT_HOURLY,
            &limits::MAIL_QUOTA_RECIPIENT_DAILY,
            &limits::MAIL_QUOTA_CLIENT_HOURLY,
            &limits::MAIL_QUOTA_GLOBAL_HOURLY,
        ],
    },
    Section {
        title: "Background work",
        settings: &[
            &background::SCHEDULER,
            &background::SESSION_RETENTION,
            &background::OUTBOX_RETENTION,
            &background::AUDIT_RETENTION,
            &background::SIGNING_KEY_ROTATION,
        ],
    },
    Section {
        title: "Metrics and traces",
        settings: &[&observation::METRICS_BIND, &observation::OTEL_EXPORTER_OTLP_ENDPOINT],
    },
    Section {
        title: "Log",
        settings: &[&logging::LOG_LEVEL, &logging::LOG_FORMAT],
    },
];

/// Every setting.
pub fn all_settings() -> impl Iterator<Item = &'static Setting> {
    SECTIONS.iter().flat_map(|section| section.settings.iter().copied())
}
