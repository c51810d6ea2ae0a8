//! The contract of [`AttemptCounters`].

use crate::race::all_at_once;
use crate::running;
use crate::samples::{MICROSECOND, NOON, digest};
use crate::storage::Storage;
use gatewright_application::ports::attempt_counters::AttemptCounters;
use gatewright_application::ports::change::Change;
use gatewright_domain::abuse::quota::{CounterKey, Quota};
use gatewright_domain::{Duration, Timestamp};
use std::sync::Arc;

const WINDOW: Duration = Duration::hours(1);

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    without_reset(|| async { Counters::Stored(factory().await) }).await;
    running::on_fresh(&factory, a_reset_gives_everything_back).await;
}

/// Runs every case but that of the reset, which is a change of a storage, on counters of their own.
pub async fn suite_without_storage<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Arc<dyn AttemptCounters>>,
{
    without_reset(|| async { Counters::Alone(factory().await) }).await;
}

/// What takes, and whatever has to live as long.
#[derive(Clone)]
enum Counters {
    Stored(Storage),
    Alone(Arc<dyn AttemptCounters>),
}

async fn without_reset<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Counters>,
{
    on_fresh(&factory, so_many_can_be_taken).await;
    on_fresh(&factory, nothing_can_be_taken_of_nothing).await;
    on_fresh(&factory, no_quota_at_all_refuses_nobody).await;
    on_fresh(&factory, keys_are_counted_apart).await;
    on_fresh(&factory, a_window_begins_with_the_first_one_taken_and_ends_by_itself).await;
    on_fresh(&factory, what_is_refused_does_not_prolong_the_window).await;
    on_fresh(&factory, all_quotas_are_taken_from_or_none).await;
    on_fresh(&factory, simultaneous_calls_keep_the_limit).await;
    on_fresh(&factory, simultaneous_calls_in_different_orders_keep_both_limits).await;
}

async fn on_fresh<F, Fut, C, Done>(factory: &F, case: C)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Counters>,
    C: FnOnce(Counters) -> Done,
    Done: Future<Output = ()> + Send + 'static,
{
    running::run(case, factory().await).await;
}

async fn so_many_can_be_taken(counters: Counters) {
    for number in 0..5 {
        assert_eq!(take(&counters, &[quota(1, 3)], NOON).await, number < 3, "{number}");
    }
}

async fn nothing_can_be_taken_of_nothing(counters: Counters) {
    assert!(!take(&counters, &[quota(1, 0)], NOON).await);
}

async fn no_quota_at_all_refuses_nobody(counters: Counters) {
    assert!(take(&counters, &[], NOON).await);
}

async fn keys_are_counted_apart(counters: Counters) {
    for key in 1..=3 {
        assert!(take(&counters, &[quota(key, 1)], NOON).await, "{key}");
        assert!(!take(&counters, &[quota(key, 1)], NOON).await, "{key}");
    }
}

async fn a_window_begins_with_the_first_one_taken_and_ends_by_itself(counters: Counters) {
    let end = NOON + WINDOW;
    assert!(take(&counters, &[quota(1, 2)], NOON).await);
    assert!(take(&counters, &[quota(1, 2)], end - MICROSECOND).await);
    assert!(!take(&counters, &[quota(1, 2)], end - MICROSECOND).await);
    for number in 0..3 {
        assert_eq!(take(&counters, &[quota(1, 2)], end).await, number < 2, "{number}");
    }
    assert!(!take(&counters, &[quota(1, 2)], end + WINDOW - MICROSECOND).await);
    assert!(take(&counters, &[quota(1, 2)], end + WINDOW).await);
}

async fn what_is_refused_does_not_prolong_the_window(counters: Counters) {
    assert!(take(&counters, &[quota(1, 1)], NOON).await);
    for minutes in 1..60 {
        let now = NOON + Duration::minutes(minutes);
        assert!(!take(&counters, &[quota(1, 1)], now).await, "{minutes}");
    }
    assert!(take(&counters, &[quota(1, 1)], NOON + WINDOW).await);
}

async fn all_quotas_are_taken_from_or_none(counters: Counters) {
    let (wide, narrow) = (quota(1, 3), quota(2, 1));
    assert!(take(&counters, &[wide, narrow], NOON).await);
    for _ in 0..5 {
        assert!(!take(&counters, &[wide, narrow], NOON).await);
        assert!(!take(&counters, &[narrow, wide], NOON).await);
    }
    for number in 0..3 {
        assert_eq!(take(&counters, &[wide], NOON).await, number < 2, "{number}");
    }
}

async fn simultaneous_calls_keep_the_limit(counters: Counters) {
    let taken = all_at_once(200, |_| {
        let counters = counters.clone();
        async move { take(&counters, &[quota(1, 7)], NOON).await }
    });
    assert_eq!(count(&taken.await), 7);
}

async fn simultaneous_calls_in_different_orders_keep_both_limits(counters: Counters) {
    let (first, second) = (quota(1, 9), quota(2, 30));
    let taken = all_at_once(100, |number| {
        let counters = counters.clone();
        let quotas = if number % 2 == 0 {
            [first, second]
        } else {
            [second, first]
        };
        async move { take(&counters, &quotas, NOON).await }
    });
    assert_eq!(count(&taken.await), 9);
    let mut left = Vec::new();
    for _ in 0..30 {
        left.push(take(&counters, &[second], NOON).await);
    }
    assert_eq!(count(&left), 30 - 9);
}

async fn a_reset_gives_everything_back(storage: Storage) {
    let counters = Counters::Stored(storage.clone());
    assert!(take(&counters, &[quota(1, 1), quota(2, 1)], NOON).await);
    storage.given([Change::ResetCounter(quota(1, 1).key)]).await;
    assert!(take(&counters, &[quota(1, 1)], NOON).await);
    assert!(!take(&counters, &[quota(2, 1)], NOON).await);
    storage.given([Change::ResetCounter(quota(3, 1).key)]).await;
}

impl Counters {
    fn port(&self) -> &dyn AttemptCounters {
        match self {
            Self::Stored(storage) => storage.attempt_counters.as_ref(),
            Self::Alone(counters) => counters.as_ref(),
        }
    }
}

fn quota(key: u32, limit: u32) -> Quota {
    Quota {
        key: CounterKey(digest(b'q', key)),
        limit,
        window: WINDOW,
    }
}

async fn take(counters: &Counters, quotas: &[Quota], now: Timestamp) -> bool {
    counters.port().take(quotas, now).await.unwrap()
}

fn count(taken: &[bool]) -> usize {
    taken.iter().filter(|taken| **taken).count()
}
