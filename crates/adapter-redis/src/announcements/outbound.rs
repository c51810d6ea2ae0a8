//! What is still to be announced.

use super::message::Content;
use crate::error::unavailable;
use gatewright_application::ports::announcements::Announcement;
use gatewright_application::ports::error::PortError;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot};

/// How many announcements wait at most. Where it would be more, they are one: that everything is to be forgotten.
const MOST_WAITING: usize = 4096;

/// Announcements that wait to be delivered, and who waits for them. Bounded.
#[derive(Default)]
pub(super) struct Outbound {
    waiting: Mutex<Waiting>,
    /// There may be something.
    pub(super) filled: Notify,
}

#[derive(Default)]
struct Waiting {
    announcements: Vec<Announcement>,
    everything: bool,
    callers: Callers,
}

/// Who waits for a delivery.
#[derive(Default)]
pub(super) struct Callers(Vec<oneshot::Sender<Result<(), PortError>>>);

/// What is delivered at once.
pub(super) struct Batch {
    pub(super) content: Content,
    pub(super) callers: Callers,
}

impl Outbound {
    /// Adds announcements, and who waits for their delivery.
    pub(super) fn push(&self, announcements: &[Announcement], caller: Option<oneshot::Sender<Result<(), PortError>>>) {
        let mut waiting = self.waiting();
        waiting.add(announcements);
        waiting.callers.0.extend(caller);
        drop(waiting);
        self.filled.notify_one();
    }

    /// Takes all that waits.
    pub(super) fn take(&self) -> Option<Batch> {
        let Waiting {
            announcements,
            everything,
            callers,
        } = mem::take(&mut *self.waiting());
        let content = if everything {
            Content::Everything
        } else {
            Content::These(announcements)
        };
        (content != Content::These(Vec::new())).then_some(Batch { content, callers })
    }

    /// Puts back what could not be delivered, in front of the rest.
    pub(super) fn put_back(&self, batch: Batch) {
        let mut waiting = self.waiting();
        waiting.callers.0.extend(batch.callers.0);
        match batch.content {
            Content::Everything => waiting.add_everything(),
            Content::These(mut announcements) => {
                let later = mem::take(&mut waiting.announcements);
                announcements.extend(later);
                waiting.add(&announcements);
            }
        }
        drop(waiting);
        self.filled.notify_one();
    }

    /// Lets nobody wait any longer. What they announced goes on waiting.
    pub(super) fn fail_callers(&self, reason: &str) {
        let callers = mem::take(&mut self.waiting().callers);
        callers.answer(&Err(unavailable(reason)));
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        let waiting = self.waiting();
        waiting.announcements.len() + usize::from(waiting.everything)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, announcements: &[Announcement]) {
        if self.everything {
            return;
        }
        if self.announcements.len() + announcements.len() > MOST_WAITING {
            self.add_everything();
        } else {
            self.announcements.extend(announcements);
        }
    }

    fn add_everything(&mut self) {
        self.everything = true;
        self.announcements = Vec::new();
    }
}

impl Callers {
    #[cfg(test)]
    pub(super) fn of(caller: oneshot::Sender<Result<(), PortError>>) -> Self {
        Self(vec![caller])
    }

    pub(super) fn answer(self, outcome: &Result<(), PortError>) {
        for caller in self.0 {
            // Who has gone away does not mind.
            let _ = caller.send(outcome.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_domain::account::user::UserId;
    use uuid::Uuid;

    fn users(numbers: std::ops::Range<usize>) -> Vec<Announcement> {
        let user = |number| Announcement::UserChanged(UserId(Uuid::from_u128(number as u128)));
        numbers.map(user).collect()
    }

    fn batch(content: Content) -> Batch {
        Batch {
            content,
            callers: Callers::default(),
        }
    }

    #[test]
    fn what_waits_is_taken_at_once_and_in_order() {
        let outbound = Outbound::default();
        assert!(outbound.take().is_none());
        outbound.push(&users(0..2), None);
        outbound.push(&users(2..3), None);
        assert_eq!(outbound.len(), 3);
        assert_eq!(outbound.take().unwrap().content, Content::These(users(0..3)));
        assert!(outbound.take().is_none());
    }

    #[test]
    fn what_is_put_back_comes_first() {
        let outbound = Outbound::default();
        outbound.push(&users(0..2), None);
        let batch = outbound.take().unwrap();
        outbound.push(&users(2..3), None);
        outbound.put_back(batch);
        assert_eq!(outbound.take().unwrap().content, Content::These(users(0..3)));
    }

    #[test]
    fn too_much_becomes_everything() {
        let outbound = Outbound::default();
        outbound.push(&users(0..MOST_WAITING), None);
        assert_eq!(outbound.len(), MOST_WAITING);
        outbound.push(&users(0..1), None);
        assert_eq!(outbound.len(), 1);
        outbound.push(&users(0..1), None);
        outbound.put_back(batch(Content::These(users(0..1))));
        assert_eq!(outbound.take().unwrap().content, Content::Everything);
        assert!(outbound.take().is_none());
        outbound.put_back(batch(Content::Everything));
        assert_eq!(outbound.take().unwrap().content, Content::Everything);
    }

    #[tokio::test]
    async fn who_waits_is_answered_and_what_was_announced_stays() {
        let outbound = Outbound::default();
        let (done, outcome) = oneshot::channel();
        outbound.push(&users(0..1), Some(done));
        outbound.fail_callers("away");
        assert_eq!(outcome.await.unwrap(), Err(unavailable("away")));
        assert_eq!(outbound.take().unwrap().content, Content::These(users(0..1)));
    }
}
