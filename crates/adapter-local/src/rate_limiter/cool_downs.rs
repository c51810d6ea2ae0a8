//! Who has to pause after a refusal.

use super::{LONGEST, shared_place};
use gatewright_domain::abuse::quota::CounterKey;
use governor::clock::{QuantaInstant, Reference as _};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

/// Pauses begun when the table is full, between two tries to make room in it.
const BEGUN_BETWEEN_TRIES: usize = 1024;

/// Pauses by key. Some of those begun when there was no room are begun for a place that several keys share.
pub(super) struct CoolDowns {
    most_keys: usize,
    table: RwLock<Table>,
}

#[derive(Default)]
struct Table {
    by_key: HashMap<CounterKey, CoolDown>,
    begun_when_full: usize,
}

#[derive(Clone, Copy)]
struct CoolDown {
    ends_at: QuantaInstant,
    /// When one more would be admitted: by pace too, not before the end.
    free_at: QuantaInstant,
}

impl CoolDowns {
    pub(super) fn new(most_keys: usize) -> Self {
        Self {
            most_keys,
            table: RwLock::default(),
        }
    }

    /// How long `key` has to wait, if it cools down.
    pub(super) fn left(&self, key: CounterKey, now: QuantaInstant) -> Option<Duration> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        [key, shared_place(key)].iter().find_map(|key| {
            let cool_down = table.by_key.get(key).filter(|cool_down| now < cool_down.ends_at)?;
            Some(cool_down.free_at.duration_since(now).into())
        })
    }

    /// Begins a pause, unless one goes on already, and answers how long there is to wait. `wait` is what the pace demands.
    pub(super) fn begin(&self, key: CounterKey, length: Duration, wait: Duration, now: QuantaInstant) -> Duration {
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let is_known = table.by_key.contains_key(&key);
        let key = if is_known || table.has_room(self.most_keys, now) {
            key
        } else {
            shared_place(key)
        };
        let fresh = CoolDown {
            ends_at: now + length.min(LONGEST).into(),
            free_at: now + length.max(wait).min(LONGEST).into(),
        };
        let cool_down = table.by_key.entry(key).or_insert(fresh);
        if now >= cool_down.ends_at {
            *cool_down = fresh;
        }
        cool_down.free_at.duration_since(now).into()
    }
}

impl Table {
    fn has_room(&mut self, most_keys: usize, now: QuantaInstant) -> bool {
        if self.by_key.len() >= most_keys {
            if self.begun_when_full.is_multiple_of(BEGUN_BETWEEN_TRIES) {
                self.by_key.retain(|_, cool_down| now < cool_down.ends_at);
            }
            self.begun_when_full += 1;
        }
        self.by_key.len() < most_keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::{Clock as _, DefaultClock};

    const PAUSE: Duration = Duration::from_mins(1);

    fn key(number: u32) -> CounterKey {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
        CounterKey(key)
    }

    #[test]
    fn it_ends_by_itself_and_not_before_the_pace_allows() {
        let (table, now) = (CoolDowns::new(10), DefaultClock::default().now());
        assert_eq!(table.left(key(1), now), None);
        assert_eq!(table.begin(key(1), PAUSE, PAUSE * 2, now), PAUSE * 2);
        let later = now + (PAUSE / 2).into();
        assert_eq!(table.begin(key(1), PAUSE, PAUSE, later), PAUSE * 3 / 2);
        assert_eq!(table.left(key(1), later), Some(PAUSE * 3 / 2));
        assert_eq!(table.left(key(1), now + PAUSE.into()), None);
    }

    #[test]
    fn the_table_is_bounded_and_late_comers_pause_too() {
        let (table, now) = (CoolDowns::new(100), DefaultClock::default().now());
        for number in 0..100_000 {
            let _ = table.begin(key(number), PAUSE, PAUSE, now);
            assert_eq!(table.left(key(number), now), Some(PAUSE));
        }
        assert!(table.table.read().unwrap().by_key.len() <= 100 + 4096);
    }

    #[test]
    fn pauses_that_are_over_make_room() {
        let (table, now) = (CoolDowns::new(100), DefaultClock::default().now());
        for number in 0..100_u32 {
            let _ = table.begin(key(number), PAUSE, PAUSE, now);
        }
        let later = now + (PAUSE * 2).into();
        let _ = table.begin(key(1000), PAUSE, PAUSE, later);
        assert_eq!(table.table.read().unwrap().by_key.len(), 1);
    }
}
