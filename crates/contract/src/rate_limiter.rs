//! The contract of [`RateLimiter`].

use crate::race::all_at_once;
use crate::running::run;
use crate::samples::digest;
use gatewright_application::ports::rate_limiter::RateLimiter;
use gatewright_domain::Duration;
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::abuse::rate_limit::{RateDecision, RateLimit};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::time::{self, Instant};

/// Limiters that share one budget, asked in turn.
struct Limiters {
    all: Vec<Arc<dyn RateLimiter>>,
    asked: AtomicUsize,
}

/// Runs every case on limiters that share one budget in which nothing was counted: one, or several as of several processes.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Vec<Arc<dyn RateLimiter>>>,
{
    on_fresh(&factory, a_burst_is_admitted_and_no_more).await;
    on_fresh(&factory, keys_are_counted_apart).await;
    on_fresh(&factory, what_is_refused_is_not_counted).await;
    on_fresh(&factory, simultaneous_calls_keep_the_burst).await;
    on_fresh(&factory, one_after_another_becomes_free_again).await;
    on_fresh(&factory, a_refusal_begins_a_cool_down).await;
    on_fresh(&factory, refusals_do_not_lengthen_the_cool_down).await;
    on_fresh(&factory, after_the_cool_down_it_goes_on).await;
    on_fresh(&factory, extreme_limits_are_kept).await;
}

async fn on_fresh<F, Fut, C, Done>(factory: &F, case: C)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Vec<Arc<dyn RateLimiter>>>,
    C: FnOnce(Limiters) -> Done,
    Done: Future<Output = ()> + Send + 'static,
{
    let (all, asked) = (factory().await, AtomicUsize::new(0));
    run(case, Limiters { all, asked }).await;
}

/// Long enough for nothing to become free while a case runs.
const HOUR: Duration = Duration::hours(1);

async fn a_burst_is_admitted_and_no_more(limiters: Limiters) {
    let limit = limit(1, 4, HOUR);
    for remaining in (0..4).rev() {
        assert_eq!(admit(&limiters, &limit).await, RateDecision::Admitted { remaining });
    }
    let wait = refused(&limiters, &limit).await;
    assert!(wait <= HOUR / 4 && wait > HOUR / 4 - Duration::minutes(5), "{wait}");
}

async fn keys_are_counted_apart(limiters: Limiters) {
    for key in 1..=3 {
        assert!(is_admitted(&limiters, &limit(key, 1, HOUR)).await, "{key}");
        assert!(!is_admitted(&limiters, &limit(key, 1, HOUR)).await, "{key}");
    }
}

async fn what_is_refused_is_not_counted(limiters: Limiters) {
    let limit = limit(1, 2, HOUR);
    while is_admitted(&limiters, &limit).await {}
    let first = refused(&limiters, &limit).await;
    for _ in 0..50 {
        let later = refused(&limiters, &limit).await;
        assert!(later <= first, "{later} after {first}");
    }
}

async fn simultaneous_calls_keep_the_burst(limiters: Limiters) {
    let admitted = all_at_once(100, |number| {
        let limiter = Arc::clone(&limiters.all[number % limiters.all.len()]);
        async move { limiter.admit(&limit(1, 7, HOUR)).await.unwrap() }
    });
    let admitted = admitted.await.into_iter().filter(was_admitted).count();
    assert_eq!(admitted, 7);
}

async fn one_after_another_becomes_free_again(limiters: Limiters) {
    let window = Duration::milliseconds(600);
    let limit = limit(1, 2, window);
    assert!(is_admitted(&limiters, &limit).await);
    for number in 0..3 {
        let waited = waited_for_the_next(&limiters, &limit).await;
        assert!(waited.taken >= waited.announced, "{number}: {waited:?}");
        assert!(waited.announced <= window / 2, "{number}: {waited:?}");
    }
}

async fn a_refusal_begins_a_cool_down(limiters: Limiters) {
    let limit = with_cool_down(limit(1, 60, HOUR), HOUR * 3);
    while is_admitted(&limiters, &limit).await {}
    let wait = refused(&limiters, &limit).await;
    assert!(wait > Duration::minutes(170) && wait <= HOUR * 3, "{wait}");
}

async fn refusals_do_not_lengthen_the_cool_down(limiters: Limiters) {
    let limit = with_cool_down(limit(1, 1, HOUR), HOUR * 2);
    assert!(is_admitted(&limiters, &limit).await);
    let first = refused(&limiters, &limit).await;
    for _ in 0..50 {
        let later = refused(&limiters, &limit).await;
        assert!(later <= first, "{later} after {first}");
    }
}

async fn after_the_cool_down_it_goes_on(limiters: Limiters) {
    let (window, cool_down) = (Duration::milliseconds(100), Duration::milliseconds(700));
    let limit = with_cool_down(limit(1, 1, window), cool_down);
    assert!(is_admitted(&limiters, &limit).await);
    let waited = waited_for_the_next(&limiters, &limit).await;
    assert!(waited.announced > window, "{waited:?}");
    assert!(waited.taken >= waited.announced, "{waited:?}");
}

async fn extreme_limits_are_kept(limiters: Limiters) {
    let years = Duration::days(365 * 10);
    for (key, burst, window) in [(1, 1, years), (2, u32::MAX, years), (3, 3, HOUR * 24)] {
        let limit = with_cool_down(limit(key, burst, window), window);
        let first = admit(&limiters, &limit).await;
        assert_eq!(first, RateDecision::Admitted { remaining: burst - 1 });
    }
    let fastest = limit(4, u32::MAX, Duration::MICROSECOND);
    assert!(is_admitted(&limiters, &fastest).await);
}

fn limit(key: u32, burst: u32, window: Duration) -> RateLimit {
    RateLimit {
        key: CounterKey(digest(b'r', key)),
        burst,
        window,
        cool_down: Duration::ZERO,
    }
}

fn with_cool_down(limit: RateLimit, cool_down: Duration) -> RateLimit {
    RateLimit { cool_down, ..limit }
}

#[derive(Debug)]
struct Waited {
    /// What the first refusal said.
    announced: Duration,
    /// How long it took, from before that refusal to after the next admission.
    taken: Duration,
}

/// Asks until it is refused, and on until it is admitted.
async fn waited_for_the_next(limiters: &Limiters, limit: &RateLimit) -> Waited {
    loop {
        let before = Instant::now();
        let RateDecision::Refused { retry_after } = admit(limiters, limit).await else {
            continue;
        };
        while !is_admitted(limiters, limit).await {
            time::sleep(Duration::milliseconds(5).unsigned_abs()).await;
        }
        return Waited {
            announced: retry_after,
            taken: Duration::try_from(before.elapsed()).unwrap(),
        };
    }
}

async fn admit(limiters: &Limiters, limit: &RateLimit) -> RateDecision {
    let turn = limiters.asked.fetch_add(1, Ordering::Relaxed);
    let limiter = &limiters.all[turn % limiters.all.len()];
    limiter.admit(limit).await.unwrap()
}

async fn is_admitted(limiters: &Limiters, limit: &RateLimit) -> bool {
    was_admitted(&admit(limiters, limit).await)
}

fn was_admitted(decision: &RateDecision) -> bool {
    matches!(decision, RateDecision::Admitted { .. })
}

async fn refused(limiters: &Limiters, limit: &RateLimit) -> Duration {
    match admit(limiters, limit).await {
        RateDecision::Refused { retry_after } => {
            assert!(retry_after > Duration::ZERO);
            retry_after
        }
        admitted @ RateDecision::Admitted { .. } => panic!("{admitted:?}"),
    }
}
