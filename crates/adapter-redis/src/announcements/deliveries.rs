//! Announcements that were published, until everybody has heeded them.

use super::message::Content;
use super::outbound::{Batch, Callers};
use super::registry::Members;
use std::collections::HashMap;
use std::mem;
use std::time::Duration;
use tokio::time::Instant;

/// Announcements on their way, by number.
pub(super) struct Deliveries {
    /// Not before this moment is the registry known to be complete.
    complete_from: Instant,
    lease: Duration,
    under_way: HashMap<u64, Delivery>,
}

struct Delivery {
    content: Content,
    callers: Callers,
    /// `None` until it is published.
    published: Option<Awaited>,
    /// Who acknowledged before the answer to publishing came.
    early: Vec<String>,
}

struct Awaited {
    /// Who has not acknowledged, and how often they had beaten.
    members: HashMap<String, u64>,
    /// When the leases of all of them have ended.
    leases_end_at: Instant,
}

impl Deliveries {
    /// Of somebody who has been a member since `joined_at`.
    pub(super) fn new(joined_at: Instant, lease: Duration) -> Self {
        Self {
            complete_from: joined_at + lease,
            lease,
            under_way: HashMap::new(),
        }
    }

    /// A batch is being published under `number`.
    pub(super) fn begin(&mut self, number: u64, batch: Batch) {
        let Batch { content, callers } = batch;
        let delivery = Delivery {
            content,
            callers,
            published: None,
            early: Vec::new(),
        };
        self.under_way.insert(number, delivery);
    }

    /// It was published by `now`, to `members`.
    pub(super) fn published(&mut self, number: u64, members: Members, now: Instant) {
        if let Some(delivery) = self.under_way.get_mut(&number) {
            let mut members: HashMap<String, u64> = members.into_iter().collect();
            for member in mem::take(&mut delivery.early) {
                members.remove(&member);
            }
            delivery.published = Some(Awaited {
                members,
                leases_end_at: now + self.lease,
            });
        }
    }

    /// `member` has heard what was published under `number`.
    pub(super) fn acknowledged(&mut self, number: u64, member: String) {
        if let Some(delivery) = self.under_way.get_mut(&number) {
            match &mut delivery.published {
                Some(awaited) => {
                    awaited.members.remove(&member);
                }
                None => delivery.early.push(member),
            }
        }
    }

    /// Answers those whose announcements everybody has heeded by `now`, and who it was that did not acknowledge.
    pub(super) fn settle(&mut self, now: Instant) -> Members {
        let complete_from = self.complete_from;
        let heeded = |_: &u64, delivery: &mut Delivery| {
            now >= complete_from
                && delivery
                    .published
                    .as_ref()
                    .is_some_and(|awaited| awaited.is_heeded(now))
        };
        let mut silent = Members::new();
        for (_, delivery) in self.under_way.extract_if(heeded) {
            delivery.callers.answer(&Ok(()));
            silent.extend(delivery.published.into_iter().flat_map(|awaited| awaited.members));
        }
        silent
    }

    /// When to settle again, if nobody acknowledges before.
    pub(super) fn next_settlement(&self) -> Option<Instant> {
        let times = self.under_way.values().filter_map(|delivery| {
            let awaited = delivery.published.as_ref()?;
            let heeded_at = if awaited.members.is_empty() {
                self.complete_from
            } else {
                awaited.leases_end_at.max(self.complete_from)
            };
            Some(heeded_at)
        });
        times.min()
    }

    /// What is not known to have been heeded, the oldest first, and who waits for it.
    pub(super) fn give_up(self) -> Vec<Batch> {
        let mut under_way: Vec<(u64, Delivery)> = self.under_way.into_iter().collect();
        under_way.sort_by_key(|(number, _)| *number);
        let batch = |(_, Delivery { content, callers, .. })| Batch { content, callers };
        under_way.into_iter().map(batch).collect()
    }
}

impl Awaited {
    fn is_heeded(&self, now: Instant) -> bool {
        self.members.is_empty() || now >= self.leases_end_at
    }
}
