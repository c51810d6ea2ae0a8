//! A rate-limit decision in this process beside governor alone: decisions a second on all cores, in rounds that take turns.
//!
//! Each line tells what was measured, our rounds and the others', separated by tabs; `cargo xtask bench` makes a table of
//! them.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock, prints, computes with floats and stops where it cannot measure"
)]

use gatewright_adapter_local::rate_limiter::LocalRateLimiter;
use gatewright_application::ports::rate_limiter::RateLimiter as _;
use gatewright_domain::Duration as Span;
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::abuse::rate_limit::{RateDecision, RateLimit};
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(1);
/// Different keys, taken in turn.
const KEYS: u32 = 10_000;
/// More than are taken in a round, so that each is admitted, as nearly all are in real life.
const BURST: NonZeroU32 = NonZeroU32::new(100_000_000).unwrap();
/// Between two looks at the clock.
const BATCH: usize = 256;

fn main() {
    // `cargo test --benches` and `cargo bench -- --list` only ask whether this runs.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return;
    }
    for (name, cool_down) in [("", Span::ZERO), (" with a cool-down", Span::MINUTE)] {
        let limits: Vec<RateLimit> = (0..KEYS).map(|number| limit(number, cool_down)).collect();
        let (mut ours, mut alone) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            alone.push(governor_alone(&limits));
            ours.push(our_limiter(&limits));
        }
        println!(
            "rate-limit decision{name} beside governor alone\t{}\t{}",
            ours.join(","),
            alone.join(",")
        );
    }
}

fn limit(number: u32, cool_down: Span) -> RateLimit {
    // As evenly spread as the digests that keys are.
    let mut key = [0; 32];
    for place in key.chunks_exact_mut(4) {
        place.copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
    }
    RateLimit {
        key: CounterKey(key),
        burst: BURST.get(),
        window: Span::HOUR,
        cool_down,
    }
}

fn governor_alone(limits: &[RateLimit]) -> String {
    let governor = RateLimiter::dashmap(Quota::per_hour(BURST));
    rate(limits, |limit| governor.check_key(&limit.key).is_ok())
}

fn our_limiter(limits: &[RateLimit]) -> String {
    let limiter = LocalRateLimiter::new();
    // It waits for nothing, so that no runtime need be paid for.
    rate(limits, |limit| {
        let decided = limiter
            .admit(limit)
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        matches!(decided, Poll::Ready(Ok(RateDecision::Admitted { .. })))
    })
}

/// Decisions a second of all cores together.
fn rate(limits: &[RateLimit], admits: impl Fn(&RateLimit) -> bool + Sync) -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let started = Instant::now();
    let decide = |first: usize| {
        let mut decisions = 0_u64;
        let mut turns = limits.iter().cycle().skip(first);
        while started.elapsed() < ROUND {
            for limit in turns.by_ref().take(BATCH) {
                assert!(admits(limit), "refused");
                decisions += 1;
            }
        }
        decisions
    };
    let decisions: u64 = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores)
            .map(|core| scope.spawn(move || decide(core * limits.len() / cores)))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    (decisions as f64 / started.elapsed().as_secs_f64()).round().to_string()
}
