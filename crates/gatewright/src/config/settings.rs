//! The table of settings, by section.

use crate::config::setting::Setting;
use crate::config::{
    browsers, environment, hashing, keys, limits, logging, mail, passwords, proofs, server, sessions, storage,
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
pub const SECTIONS: [Section; 10] = [
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
            &server::SCHEDULER,
        ],
    },
    Section {
        title: "Storage",
        settings: &[
            &storage::DATA_DIR,
            &storage::DATABASE_URL,
            &storage::SQLITE_READERS,
            &storage::REDIS_URL,
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
        title: "Log",
        settings: &[&logging::LOG_LEVEL, &logging::LOG_FORMAT],
    },
];

/// Every setting.
pub fn all_settings() -> impl Iterator<Item = &'static Setting> {
    SECTIONS.iter().flat_map(|section| section.settings.iter().copied())
}
