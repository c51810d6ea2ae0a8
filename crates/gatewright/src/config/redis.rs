//! Redis: what the processes that share a database share besides it.

use crate::config::parse::{duration, line, secret_line};
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use gatewright_domain::Duration;
use secrecy::SecretString;

pub(crate) const REDIS_URL: Setting = Setting::derived(
    "REDIS_URL",
    "none: one process, which shares nothing",
    "redis://gatewright:password@redis.example.com:6379",
    "what several processes on one database share: `redis://`, `rediss://` (TLS), or `redis+cluster://host1,host2`",
)
.url_with_credentials();
pub(crate) const REDIS_KEY_PREFIX: Setting = Setting::new(
    "REDIS_KEY_PREFIX",
    "gatewright",
    "how every key and channel in Redis begins; the same for all processes on one database, another for other databases",
);
pub(crate) const REDIS_TIMEOUT: Setting = Setting::new(
    "REDIS_TIMEOUT",
    "200ms",
    "how long a call to Redis may take; requests go on without it then",
);

/// Redis. `Debug` does not show the URL.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// Where it is; the adapter reads the rest.
    pub url: SecretString,
    /// How keys and channels begin.
    pub key_prefix: String,
    /// How long a call may take.
    pub timeout: Duration,
}

impl RedisConfig {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, Faulty> {
        let url = reader.read_optional(&REDIS_URL, secret_line);
        let key_prefix = reader.read(&REDIS_KEY_PREFIX, key_prefix);
        let timeout = reader.read(
            &REDIS_TIMEOUT,
            duration(Duration::milliseconds(10)..=Duration::seconds(5)),
        );
        let (url, key_prefix, timeout) = (url?, key_prefix?, timeout?);
        Ok(url.map(|url| Self {
            url,
            key_prefix,
            timeout,
        }))
    }
}

/// Braces would choose a key's place in a cluster.
fn key_prefix(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    if text.is_empty() || !text.chars().all(plain) {
        return Err("is not letters, digits, `-`, `_`, `.` and `:`".to_owned());
    }
    line(text)
}
