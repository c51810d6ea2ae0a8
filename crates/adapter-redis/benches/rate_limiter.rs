//! A rate-limit decision in Redis beside its EVALSHA alone: decisions a second of as many callers on one connection, in
//! rounds that take turns.
//!
//! Each line tells what was measured, our rounds and the others', separated by tabs; `cargo xtask bench` makes a table of
//! them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock, prints, computes with floats and stops where it cannot measure"
)]

use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::{Client, Script, cmd};
use gatewright_adapter_redis::{Redis, RedisOptions, RedisRateLimiter};
use gatewright_application::ports::rate_limiter::RateLimiter as _;
use gatewright_domain::Duration as Span;
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::abuse::rate_limit::{RateDecision, RateLimit};
use gatewright_private_servers::{RedisServer, installed_redis};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::{Handle, Runtime};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
/// At once, on one connection.
const CALLERS: u32 = 64;
/// More than are taken in all rounds, so that each is admitted, as nearly all are in real life.
const BURST: u32 = 100_000_000;
/// How long a call may take; nothing is measured of a Redis that takes so long.
const PATIENCE: Duration = Duration::from_secs(5);

fn main() {
    // `cargo test --benches` and `cargo bench -- --list` only ask whether this runs.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return;
    }
    let program = installed_redis().expect("Redis is installed; `cargo xtask services` sees to that");
    let server = RedisServer::start(&program, &[]).unwrap();
    let runtime = Runtime::new().unwrap();
    runtime.block_on(measure(&server.url()));
}

async fn measure(url: &str) {
    let options = RedisOptions::parse(&url.into(), "bench", PATIENCE).unwrap();
    let limiter = Arc::new(RedisRateLimiter::new(
        Redis::start(&options, &Handle::current()).unwrap(),
    ));
    let client = Client::open(url).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let script = Script::new(include_str!("../src/rate_limiter.lua"));
    let digest: Arc<str> = script.get_hash().into();
    script
        .prepare_invoke()
        .load_async(&mut connection.clone())
        .await
        .unwrap();

    let (mut ours, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let bare = |number| bare_until(connection.clone(), Arc::clone(&digest), number, Instant::now() + ROUND);
        alone.push(rate(bare).await);
        let admitting = |number| admitting_until(Arc::clone(&limiter), limit(number), Instant::now() + ROUND);
        ours.push(rate(admitting).await);
    }
    println!(
        "rate-limit decision in Redis beside its EVALSHA alone\t{}\t{}",
        ours.join(","),
        alone.join(",")
    );
}

/// What all callers do in a second.
async fn rate<Calls: Future<Output = u64> + Send + 'static>(caller: impl Fn(u32) -> Calls) -> String {
    let started = Instant::now();
    let callers: Vec<_> = (0..CALLERS).map(|number| tokio::spawn(caller(number))).collect();
    let mut decisions = 0;
    for caller in callers {
        decisions += caller.await.unwrap();
    }
    (decisions as f64 / started.elapsed().as_secs_f64()).round().to_string()
}

async fn admitting_until(limiter: Arc<RedisRateLimiter>, limit: RateLimit, end: Instant) -> u64 {
    let mut decisions = 0;
    while Instant::now() < end {
        let decided = limiter.admit(&limit).await.unwrap();
        assert!(matches!(decided, RateDecision::Admitted { .. }), "refused");
        decisions += 1;
    }
    decisions
}

async fn bare_until(mut connection: MultiplexedConnection, digest: Arc<str>, number: u32, end: Instant) -> u64 {
    let key = format!("alone:{number}");
    let one = Span::HOUR.whole_microseconds() / i128::from(BURST);
    let mut command = cmd("EVALSHA");
    command
        .arg(&*digest)
        .arg(1)
        .arg(key)
        .arg(BURST)
        .arg(one.to_string())
        .arg(0);
    let mut decisions = 0;
    while Instant::now() < end {
        let (is_admitted, _): (bool, i64) = command.query_async(&mut connection).await.unwrap();
        assert!(is_admitted, "refused");
        decisions += 1;
    }
    decisions
}

fn limit(number: u32) -> RateLimit {
    let mut key = [0; 32];
    for place in key.chunks_exact_mut(4) {
        place.copy_from_slice(&number.to_be_bytes());
    }
    RateLimit {
        key: CounterKey(key),
        burst: BURST,
        window: Span::HOUR,
        cool_down: Span::ZERO,
    }
}
