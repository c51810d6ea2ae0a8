//! Servers, links to them, and waiting.

use async_trait::async_trait;
use gatewright_adapter_redis::{Redis, RedisAnnouncements, RedisOptions, RedisRateLimiter};
use gatewright_application::ports::announcements::{Announcement, AnnouncementListener, Announcements};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::rate_limiter::RateLimiter as _;
use gatewright_contract::announcements::Processes;
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::abuse::rate_limit::{RateDecision, RateLimit};
use gatewright_private_servers::{RedisCluster, RedisServer, installed_redis};
use std::env;
use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

/// Of every call.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(200);
/// What a call may take, on a machine that does other things as well.
pub(crate) const BOUND: Duration = Duration::from_secs(1);
/// What coming back may take.
pub(crate) const RECOVERY: Duration = Duration::from_secs(2);
/// What anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn shared_url() -> String {
    env::var_os("GATEWRIGHT_TEST_REDIS_URL")
        .and_then(|url| url.into_string().ok())
        .expect("set GATEWRIGHT_TEST_REDIS_URL, or run `cargo xtask test`")
}

/// One cluster for all tests; it ends with this process.
pub(crate) fn cluster_url() -> String {
    static CLUSTER: OnceLock<RedisCluster> = OnceLock::new();
    let given = env::var_os("GATEWRIGHT_TEST_REDIS_CLUSTER_URL").and_then(|url| url.into_string().ok());
    given.unwrap_or_else(|| CLUSTER.get_or_init(|| RedisCluster::start(&program()).unwrap()).url())
}

pub(crate) fn private_server(settings: &[&str]) -> RedisServer {
    RedisServer::start(&program(), settings).unwrap()
}

fn program() -> PathBuf {
    let given = env::var_os("GATEWRIGHT_TEST_REDIS_SERVER").map(PathBuf::from);
    given
        .or_else(installed_redis)
        .expect("install redis-server, or set GATEWRIGHT_TEST_REDIS_SERVER")
}

/// A prefix that nobody else uses.
pub(crate) fn fresh_prefix() -> String {
    format!("gatewright-test-{}", fresh_id().simple())
}

pub(crate) fn fresh_id() -> Uuid {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let random = RandomState::new();
    let (high, low) = (random.hash_one(number), random.hash_one((number, std::process::id())));
    Uuid::from_u64_pair(high, low)
}

pub(crate) fn options(url: &str) -> RedisOptions {
    options_under(url, &fresh_prefix())
}

pub(crate) fn options_under(url: &str, prefix: &str) -> RedisOptions {
    RedisOptions::parse(&url.to_owned().into(), prefix, TIMEOUT).unwrap()
}

pub(crate) fn link(options: &RedisOptions) -> Redis {
    Redis::start(options, &Handle::current()).unwrap()
}

/// Processes over one Redis, under one prefix.
pub(crate) struct OverRedis(pub(crate) RedisOptions);

impl OverRedis {
    pub(crate) fn start_one(&self) -> Arc<RedisAnnouncements> {
        Arc::new(RedisAnnouncements::start(&self.0, fresh_id(), &Handle::current()))
    }
}

#[async_trait]
impl Processes for OverRedis {
    async fn start(&self) -> Arc<dyn Announcements> {
        self.start_one()
    }
}

/// A process that wrote down what it was told.
pub(crate) struct Process {
    pub(crate) announcements: Arc<RedisAnnouncements>,
    pub(crate) told: Arc<Told>,
}

#[derive(Default)]
pub(crate) struct Told {
    heard: Mutex<Vec<Announcement>>,
    missed: AtomicUsize,
}

impl AnnouncementListener for Told {
    fn heard(&self, announcement: Announcement) {
        self.heard.lock().unwrap().push(announcement);
    }

    fn missed(&self) {
        self.missed.fetch_add(1, Ordering::SeqCst);
    }
}

impl Told {
    pub(crate) fn heard(&self) -> Vec<Announcement> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn missed(&self) -> usize {
        self.missed.load(Ordering::SeqCst)
    }
}

impl Process {
    pub(crate) async fn started(processes: &OverRedis) -> Self {
        let (announcements, told) = (processes.start_one(), Arc::<Told>::default());
        announcements.listen(told.clone());
        let process = Self { announcements, told };
        eventually("it listens", || process.listens()).await;
        process
    }

    pub(crate) fn listens(&self) -> bool {
        self.announcements.is_listening()
    }

    pub(crate) async fn announce(&self, announcement: Announcement) -> Result<(), PortError> {
        self.announcements.announce(&[announcement]).await
    }
}

/// A limit that a test does not reach.
pub(crate) fn wide_limit() -> RateLimit {
    RateLimit {
        key: CounterKey([7; 32]),
        burst: 1_000_000,
        window: time::Duration::HOUR,
        cool_down: time::Duration::ZERO,
    }
}

pub(crate) async fn admit(limiter: &RedisRateLimiter) -> Result<RateDecision, PortError> {
    within(BOUND, limiter.admit(&wide_limit())).await
}

/// Asserts that `call` takes no longer than `bound`.
pub(crate) async fn within<T>(bound: Duration, call: impl Future<Output = T>) -> T {
    timeout(bound, call).await.expect("a call takes too long")
}

/// Waits until `is_so`, and answers how long that took.
pub(crate) async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) -> Duration {
    eventually_async(what, async || is_so()).await
}

/// The same, where asking takes time.
pub(crate) async fn eventually_async(what: &str, mut is_so: impl AsyncFnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "it never came about that {what}");
        sleep(Duration::from_millis(5)).await;
    }
    begun.elapsed()
}
