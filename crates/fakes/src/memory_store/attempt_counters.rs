//! Counters.

use super::MemoryStore;
use async_trait::async_trait;
use gatewright_application::ports::attempt_counters::AttemptCounters;
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::abuse::quota::{CounterKey, Quota};
use std::collections::HashMap;

/// What was counted under each key.
#[derive(Debug, Clone, Default)]
pub(super) struct Counters(HashMap<CounterKey, Window>);

#[derive(Debug, Clone, Copy)]
struct Window {
    taken: u32,
    ends_at: Timestamp,
}

#[async_trait]
impl AttemptCounters for MemoryStore {
    async fn take(&self, quotas: &[Quota], now: Timestamp) -> Result<bool, PortError> {
        Ok(self.state().counters.take(quotas, now))
    }
}

impl Counters {
    /// Takes one from each of `quotas`, or from none.
    pub(super) fn take(&mut self, quotas: &[Quota], now: Timestamp) -> bool {
        let mut after = self.clone();
        let all = quotas.iter().all(|quota| after.take_one(quota, now));
        if all {
            *self = after;
        }
        all
    }

    fn take_one(&mut self, quota: &Quota, now: Timestamp) -> bool {
        let fresh = Window {
            taken: 0,
            ends_at: now + quota.window,
        };
        let window = self.0.entry(quota.key).or_insert(fresh);
        if now >= window.ends_at {
            *window = fresh;
        }
        window.taken += 1;
        window.taken <= quota.limit
    }

    /// Forgets the windows of at most `limit` that had ended by `before`, and says of how many.
    pub(super) fn forget_ended(&mut self, before: Timestamp, limit: usize) -> usize {
        let ended = self.0.extract_if(|_, window| window.ends_at <= before);
        ended.take(limit).count()
    }

    pub(super) fn reset(&mut self, key: CounterKey) {
        self.0.remove(&key);
    }
}
