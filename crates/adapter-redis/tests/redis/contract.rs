//! The contracts, on one server and on a cluster.

use crate::servers::{OverRedis, cluster_url, link, options, shared_url};
use gatewright_adapter_redis::announcements::LEASE;
use gatewright_adapter_redis::{RedisAttemptCounters, RedisRateLimiter};
use gatewright_application::ports::attempt_counters::AttemptCounters;
use gatewright_application::ports::rate_limiter::RateLimiter;
use gatewright_contract::announcements::Processes;
use gatewright_contract::{announcements, attempt_counters, rate_limiter};
use std::sync::Arc;
use time::Duration;

/// Three limiters, each with a link of its own, as of three processes.
fn limiters(url: &str) -> Vec<Arc<dyn RateLimiter>> {
    let options = options(url);
    let limiter = |_| Arc::new(RedisRateLimiter::new(link(&options))) as Arc<dyn RateLimiter>;
    (0..3).map(limiter).collect()
}

fn counters(url: &str) -> Arc<dyn AttemptCounters> {
    Arc::new(RedisAttemptCounters::new(link(&options(url))))
}

fn processes(url: &str) -> Arc<dyn Processes> {
    Arc::new(OverRedis(options(url)))
}

fn lease() -> Duration {
    Duration::try_from(LEASE).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_limiter_keeps_the_contract() {
    let url = shared_url();
    rate_limiter::suite(|| async { limiters(&url) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_limiter_keeps_the_contract_on_a_cluster() {
    let url = cluster_url();
    rate_limiter::suite(|| async { limiters(&url) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempt_counters_keep_the_contract() {
    let url = shared_url();
    attempt_counters::suite_without_storage(|| async { counters(&url) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempt_counters_keep_the_contract_on_a_cluster() {
    let url = cluster_url();
    attempt_counters::suite_without_storage(|| async { counters(&url) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn announcements_keep_the_contract() {
    let url = shared_url();
    announcements::suite(|| async { processes(&url) }, lease()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn announcements_keep_the_contract_on_a_cluster() {
    let url = cluster_url();
    announcements::suite(|| async { processes(&url) }, lease()).await;
}
