//! What it costs to hash, who pays for it, and how much of it may wait.

use super::{hash, password};
use crate::race::all_at_once;
use crate::running::run;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::password_hasher::{PasswordHasher, PasswordMatch};
use gatewright_domain::Duration;
use gatewright_domain::password::hash::PasswordHash;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use tokio::task::yield_now;
use tokio::time::{self, Instant};

/// What every case gets.
#[derive(Clone)]
struct Subject {
    hasher: Arc<dyn PasswordHasher>,
    too_many: usize,
}

/// Runs the cases that need real work: one hash takes `hasher` a millisecond or more, and `too_many` at once
/// are far more than may wait.
pub async fn suite_of_work(hasher: Arc<dyn PasswordHasher>, too_many: usize) {
    let subject = Subject { hasher, too_many };
    run(a02_no_hash_costs_one_verification, subject.clone()).await;
    run(the_callers_thread_is_never_blocked, subject.clone()).await;
    run(a16_too_many_at_once_are_told_to_come_again, subject.clone()).await;
    run(callers_that_go_away_give_their_places_back, subject).await;
}

/// The fastest of many runs: load on the machine makes runs slower and never faster.
async fn a02_no_hash_costs_one_verification(subject: Subject) {
    let hash = hash(&subject.hasher, "correct horse battery").await;
    let (mut with_hash, mut without) = (time::Duration::MAX, time::Duration::MAX);
    for _ in 0..30 {
        with_hash = with_hash.min(time_of_verification(&subject.hasher, Some(hash.clone())).await);
        without = without.min(time_of_verification(&subject.hasher, None).await);
    }
    assert!(
        without * 2 > with_hash,
        "{without:?} without a hash, {with_hash:?} with one"
    );
    assert!(
        without < with_hash * 2,
        "{without:?} without a hash, {with_hash:?} with one"
    );
}

async fn the_callers_thread_is_never_blocked(subject: Subject) {
    let hash = hash(&subject.hasher, "correct horse battery").await;
    for hash in [Some(hash), None] {
        let verification = subject.hasher.verify(password("another password"), hash);
        is_done_elsewhere(verification).await;
    }
    is_done_elsewhere(subject.hasher.hash(password("another password"))).await;
}

async fn a16_too_many_at_once_are_told_to_come_again(subject: Subject) {
    let answers = all_at_once(subject.too_many, |_| {
        let hasher = Arc::clone(&subject.hasher);
        async move { hasher.verify(password("correct horse battery"), None).await }
    });
    let mut turned_away = 0;
    for answer in answers.await {
        match answer {
            Ok(answer) => assert_eq!(answer, PasswordMatch::No),
            Err(PortError::Overloaded { retry_after }) => {
                assert!(retry_after > Duration::ZERO);
                turned_away += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(
        (1..subject.too_many).contains(&turned_away),
        "{turned_away} were turned away"
    );
    hash(&subject.hasher, "correct horse battery").await;
}

async fn callers_that_go_away_give_their_places_back(subject: Subject) {
    for _ in 0..subject.too_many {
        let hasher = Arc::clone(&subject.hasher);
        let caller = tokio::spawn(async move { hasher.hash(password("correct horse battery")).await });
        yield_now().await;
        caller.abort();
        let _ = caller.await;
    }
    // Hashes that have begun are finished before their places are free.
    let next = async {
        while subject.hasher.hash(password("correct horse battery")).await.is_err() {
            yield_now().await;
        }
    };
    time::timeout(time::Duration::from_mins(1), next).await.unwrap();
}

async fn time_of_verification(hasher: &Arc<dyn PasswordHasher>, hash: Option<PasswordHash>) -> time::Duration {
    let password = password("another password");
    let begun = Instant::now();
    assert_eq!(hasher.verify(password, hash).await, Ok(PasswordMatch::No));
    begun.elapsed()
}

/// Asserts that the work is not done where it is asked for: the first look finds it begun, not done.
async fn is_done_elsewhere<T>(mut work: Pin<Box<dyn Future<Output = Result<T, PortError>> + Send + '_>>) {
    let is_done = work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
    assert!(!is_done, "the caller's thread did the work");
    assert!(work.await.is_ok());
}
