//! What a rate limit costs while something is wrong with Redis, and that it comes back.

use crate::servers::{BOUND, RECOVERY, admit, eventually_async, link, options, private_server, within};
use gatewright_adapter_redis::{Redis, RedisHealth, RedisRateLimiter};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::{HealthProbe as _, Importance};
use gatewright_private_servers::RedisServer;
use std::time::Duration;

struct Scene {
    server: RedisServer,
    redis: Redis,
    limiter: RedisRateLimiter,
    health: RedisHealth,
}

impl Scene {
    async fn set() -> Self {
        let server = private_server(&[]);
        let redis = link(&options(&server.url()));
        let scene = Self {
            limiter: RedisRateLimiter::new(redis.clone()),
            health: RedisHealth::new(redis.clone()),
            server,
            redis,
        };
        scene.comes_back().await;
        scene
    }

    fn command(&self, words: &[&str]) {
        self.server.command(words).unwrap();
    }

    /// Calls fail, each in bounded time, until the circuit is open; then at once.
    async fn goes_away(&self) {
        eventually_async("the circuit opens", async || {
            let outcome = admit(&self.limiter).await;
            !self.redis.status().is_up && outcome.is_err()
        })
        .await;
        for _ in 0..100 {
            // Thousands of these take no time: nobody waits for a connection.
            let refused = within(Duration::from_millis(100), self.is_refused()).await;
            assert!(refused);
        }
        let outcome = within(BOUND, self.health.check()).await;
        assert!(matches!(
            outcome,
            Err(PortError::Unavailable {
                dependency: "redis",
                ..
            })
        ));
        assert_eq!(self.redis.status().in_flight, 0);
    }

    async fn is_refused(&self) -> bool {
        matches!(admit(&self.limiter).await, Err(PortError::Unavailable { .. }))
    }

    async fn comes_back(&self) -> Duration {
        let took = eventually_async("Redis is back", async || admit(&self.limiter).await.is_ok()).await;
        assert_eq!(within(BOUND, self.health.check()).await, Ok(()));
        assert!(self.redis.status().is_up);
        took
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_redis_may_be_absent_at_the_start() {
    let mut server = private_server(&[]);
    server.kill().unwrap();
    let redis = link(&options(&server.url()));
    let limiter = RedisRateLimiter::new(redis.clone());
    assert!(admit(&limiter).await.is_err());
    assert!(!redis.status().is_up);
    server.start_again().unwrap();
    let took = eventually_async("Redis is there", async || admit(&limiter).await.is_ok()).await;
    assert!(took < RECOVERY, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_redis_may_be_killed() {
    let mut scene = Scene::set().await;
    scene.server.kill().unwrap();
    scene.goes_away().await;
    scene.server.start_again().unwrap();
    let took = scene.comes_back().await;
    assert!(took < RECOVERY, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f03_redis_may_hang() {
    let mut scene = Scene::set().await;
    scene.server.pause().unwrap();
    scene.goes_away().await;
    scene.server.resume().unwrap();
    let took = scene.comes_back().await;
    assert!(took < RECOVERY, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f03_redis_may_be_told_to_pause() {
    let scene = Scene::set().await;
    scene.command(&["CLIENT", "PAUSE", "2000", "ALL"]);
    scene.goes_away().await;
    let took = scene.comes_back().await;
    assert!(took < RECOVERY * 2, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f04_redis_may_lose_everything() {
    let scene = Scene::set().await;
    scene.command(&["FLUSHALL"]);
    assert!(admit(&scene.limiter).await.is_ok());
    scene.command(&["SCRIPT", "FLUSH"]);
    assert!(admit(&scene.limiter).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_redis_may_be_read_only() {
    let scene = Scene::set().await;
    // Of a master that is not there.
    scene.command(&["REPLICAOF", "127.0.0.1", "1"]);
    scene.goes_away().await;
    scene.command(&["REPLICAOF", "NO", "ONE"]);
    let took = scene.comes_back().await;
    assert!(took < RECOVERY, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_redis_may_be_full() {
    let scene = Scene::set().await;
    scene.command(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    scene.command(&["CONFIG", "SET", "maxmemory", "1"]);
    scene.goes_away().await;
    scene.command(&["CONFIG", "SET", "maxmemory", "0"]);
    let took = scene.comes_back().await;
    assert!(took < RECOVERY, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_may_be_cut_at_any_time() {
    let scene = Scene::set().await;
    for _ in 0..10 {
        scene.command(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        let took = scene.comes_back().await;
        assert!(took < RECOVERY, "{took:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_that_says_nothing_any_more() {
    let scene = Scene::set().await;
    scene.command(&["FLUSHALL"]);
    assert!(admit(&scene.limiter).await.is_ok());
    let keys = scene.server.command(&["DBSIZE"]).unwrap();
    let volatile = scene.server.command(&["INFO", "keyspace"]).unwrap();
    assert!(volatile.contains(&format!("keys={keys},expires={keys}")), "{volatile}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_does_without_it() {
    let scene = Scene::set().await;
    assert_eq!(scene.health.name(), "redis");
    assert_eq!(scene.health.importance(), Importance::Degrading);
}
