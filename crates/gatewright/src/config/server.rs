//! Where the server listens and how much of the machine it takes.

use crate::config::environment::Environment;
use crate::config::parse::{base_url, duration, not_in_this_version, socket_address, thread_count};
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use gatewright_domain::Duration;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use url::Url;

pub(crate) const BIND: Setting = Setting::new(
    "BIND",
    "127.0.0.1:8000",
    "address and port to listen on; port 0 picks one and the start line says which",
);
pub(crate) const PUBLIC_BASE_URL: Setting = Setting::derived(
    "PUBLIC_BASE_URL",
    "http://localhost and the port of BIND",
    "https://id.example.com",
    "where browsers reach this server: the links in mails begin with it; never taken from a request",
);
pub(crate) const TRUSTED_PROXIES: Setting = Setting::derived(
    "TRUSTED_PROXIES",
    "none: a client's address is that of its connection",
    "10.0.0.0/8",
    "proxies whose word on a client's address counts; not supported by this version yet, leave it unset",
);
pub(crate) const WORKERS: Setting =
    Setting::derived("WORKERS", "one a processor core", "2", "threads that answer requests");
pub(crate) const SHUTDOWN_DELAY: Setting = Setting::new(
    "SHUTDOWN_DELAY",
    "0s",
    "how long after SIGTERM requests are still taken while `/health/ready` says 503, so that a load balancer turns away; at most 60s",
);
pub(crate) const SHUTDOWN_TIMEOUT: Setting = Setting::new(
    "SHUTDOWN_TIMEOUT",
    "20s",
    "how long requests under way may take to finish after that",
);
/// Where the server listens and how much of the machine it takes.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// The address to listen on.
    pub bind: SocketAddr,
    /// Where browsers reach the server, where that was said; see [`Config::public_base_url`](crate::config::Config::public_base_url).
    pub public_base_url: Option<Url>,
    /// Threads that answer requests.
    pub workers: NonZeroUsize,
    /// How long a server that is to stop goes on, saying that it is not ready.
    pub shutdown_delay: Duration,
    /// How long requests under way may take to finish.
    pub shutdown_timeout: Duration,
}

impl ServerConfig {
    pub(crate) fn read(reader: &mut Reader<'_>, environment: Result<Environment, Faulty>) -> Result<Self, Faulty> {
        let bind = reader.read(&BIND, socket_address);
        let public_base_url = reader.read_optional(&PUBLIC_BASE_URL, base_url);
        let trusted_proxies = reader.read_optional(&TRUSTED_PROXIES, not_in_this_version);
        let workers = reader.read_optional(&WORKERS, thread_count());
        let shutdown_delay = reader.read(&SHUTDOWN_DELAY, duration(Duration::ZERO..=Duration::MINUTE));
        let shutdown_timeout = reader.read(&SHUTDOWN_TIMEOUT, duration(Duration::SECOND..=Duration::HOUR));
        if matches!(environment, Ok(Environment::Production)) {
            refuse_plain_http(reader, public_base_url.as_ref().ok().and_then(Option::as_ref));
        }
        trusted_proxies?;
        Ok(Self {
            bind: bind?,
            public_base_url: public_base_url?,
            workers: workers?.unwrap_or_else(processor_cores),
            shutdown_delay: shutdown_delay?,
            shutdown_timeout: shutdown_timeout?,
        })
    }
}

fn refuse_plain_http(reader: &mut Reader<'_>, public_base_url: Option<&Url>) {
    reader.must_be_given(&PUBLIC_BASE_URL);
    if public_base_url.is_some_and(|url| url.scheme() != "https") {
        reader.refuse(&PUBLIC_BASE_URL, "must be an https URL with APP_ENV=production");
    }
}

/// The processor cores this process may use.
pub(crate) fn processor_cores() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
