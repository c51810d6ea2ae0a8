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

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_application::ports::announcements::Announcement;
    use gatewright_application::ports::error::PortError;
    use tokio::sync::oneshot::{self, Receiver};

    const LEASE: Duration = Duration::from_millis(600);
    const SOON: Duration = Duration::from_millis(1);

    /// Deliveries of a member since long ago, and somebody who waits for number 7.
    fn under_way(now: Instant) -> (Deliveries, Receiver<Result<(), PortError>>) {
        of_a_member_since(now.checked_sub(LEASE).unwrap())
    }

    fn of_a_member_since(since: Instant) -> (Deliveries, Receiver<Result<(), PortError>>) {
        let (mut deliveries, (caller, outcome)) = (Deliveries::new(since, LEASE), oneshot::channel());
        let batch = Batch {
            content: Content::These(vec![Announcement::AddressRulesChanged]),
            callers: Callers::of(caller),
        };
        deliveries.begin(7, batch);
        (deliveries, outcome)
    }

    fn members(names: &[&str]) -> Members {
        names.iter().map(|name| ((*name).to_owned(), 3)).collect()
    }

    #[test]
    fn it_is_heeded_when_all_have_acknowledged() {
        let now = Instant::now();
        let (mut deliveries, mut outcome) = under_way(now);
        assert_eq!(deliveries.next_settlement(), None);
        deliveries.published(7, members(&["a", "b"]), now);
        for name in ["a", "b"] {
            assert_eq!(deliveries.settle(now), []);
            assert!(outcome.try_recv().is_err());
            deliveries.acknowledged(7, name.to_owned());
        }
        assert_eq!(deliveries.settle(now), []);
        assert_eq!(outcome.try_recv(), Ok(Ok(())));
        assert!(deliveries.give_up().is_empty());
    }

    #[test]
    fn an_acknowledgement_may_come_before_it_is_known_who_is_there() {
        let now = Instant::now();
        let (mut deliveries, mut outcome) = under_way(now);
        deliveries.acknowledged(7, "a".to_owned());
        assert_eq!(deliveries.settle(now), []);
        assert!(outcome.try_recv().is_err());
        deliveries.published(7, members(&["a"]), now);
        assert_eq!(deliveries.settle(now), []);
        assert_eq!(outcome.try_recv(), Ok(Ok(())));
    }

    #[test]
    fn who_is_silent_is_waited_for_until_its_lease_has_ended() {
        let now = Instant::now();
        let (mut deliveries, mut outcome) = under_way(now);
        deliveries.published(7, members(&["a", "b"]), now);
        deliveries.acknowledged(7, "a".to_owned());
        assert_eq!(deliveries.next_settlement(), Some(now + LEASE));
        assert_eq!(deliveries.settle(now + LEASE - SOON), []);
        assert!(outcome.try_recv().is_err());
        assert_eq!(deliveries.settle(now + LEASE), members(&["b"]));
        assert_eq!(outcome.try_recv(), Ok(Ok(())));
    }

    #[test]
    fn a_new_member_waits_for_leases_from_before_it() {
        let now = Instant::now();
        let (mut deliveries, mut outcome) = of_a_member_since(now);
        deliveries.published(7, members(&[]), now);
        assert_eq!(deliveries.next_settlement(), Some(now + LEASE));
        assert_eq!(deliveries.settle(now + LEASE - SOON), []);
        assert!(outcome.try_recv().is_err());
        assert_eq!(deliveries.settle(now + LEASE), []);
        assert_eq!(outcome.try_recv(), Ok(Ok(())));
    }

    #[test]
    fn what_was_not_heeded_is_handed_back() {
        let now = Instant::now();
        let (mut deliveries, mut outcome) = under_way(now);
        deliveries.published(7, members(&["a"]), now);
        let handed_back = deliveries.give_up();
        assert_eq!(handed_back.len(), 1);
        assert!(outcome.try_recv().is_err());
    }
}
