//! The contract of [`SigningKeyRotation`](gatewright_application::ports::signing_key_rotation::SigningKeyRotation).

use crate::race::all_at_once;
use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON};
use gatewright_application::ports::signing_key_rotation::{KeyRotation, SigningKeyRotation};
use gatewright_domain::{Duration, Timestamp};
use std::sync::Arc;

const AGE: Duration = Duration::days(90);
const WAIT: Duration = Duration::hours(1);

/// Runs every case on keys of its own, the newest of which was made at [`NOON`].
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Arc<dyn SigningKeyRotation>>,
{
    on_fresh(&factory, a_key_is_replaced_when_it_is_old_enough).await;
    on_fresh(&factory, the_new_key_is_the_one_whose_age_counts).await;
    on_fresh(&factory, of_simultaneous_rotations_one_makes_a_key).await;
}

async fn a_key_is_replaced_when_it_is_old_enough(keys: Arc<dyn SigningKeyRotation>) {
    let end = NOON + AGE;
    for now in [NOON, end - MICROSECOND] {
        assert_eq!(rotate(&*keys, now).await, KeyRotation::NotYet);
    }
    assert_eq!(rotate(&*keys, end).await, rotated(end));
}

async fn the_new_key_is_the_one_whose_age_counts(keys: Arc<dyn SigningKeyRotation>) {
    let first = NOON + AGE * 2;
    assert_eq!(rotate(&*keys, first).await, rotated(first));
    // Also while it waits.
    for now in [first, first + WAIT, first + AGE - MICROSECOND] {
        assert_eq!(rotate(&*keys, now).await, KeyRotation::NotYet);
    }
    assert_eq!(rotate(&*keys, first + AGE).await, rotated(first + AGE));
}

async fn of_simultaneous_rotations_one_makes_a_key(keys: Arc<dyn SigningKeyRotation>) {
    for ages in 1..=5 {
        let now = NOON + AGE * ages;
        let outcomes = all_at_once(16, |_| {
            let keys = Arc::clone(&keys);
            async move { rotate(&*keys, now).await }
        });
        let outcomes = outcomes.await;
        let made = outcomes.iter().filter(|outcome| **outcome == rotated(now)).count();
        let others = outcomes
            .iter()
            .filter(|outcome| **outcome == KeyRotation::NotYet)
            .count();
        assert_eq!((made, others), (1, 15));
    }
}

fn rotated(now: Timestamp) -> KeyRotation {
    KeyRotation::Rotated {
        active_from: now + WAIT,
    }
}

async fn rotate(keys: &dyn SigningKeyRotation, now: Timestamp) -> KeyRotation {
    keys.rotate(AGE, WAIT, now).await.unwrap()
}
