//! Which mails this process handed over lately.

use gatewright_application::mail::outbox_mail::MailId;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Remembered at most; 16 bytes each.
const CAPACITY: usize = 1024;

/// The mails taken last. Where a mail was sent and the outbox could not record it, the outbox hands it out once more;
/// it is not sent once more then.
#[derive(Debug, Default)]
pub(crate) struct Delivered(Mutex<VecDeque<MailId>>);

impl Delivered {
    pub(crate) fn contains(&self, id: MailId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    pub(crate) fn insert(&self, id: MailId) {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ids.len() == CAPACITY {
            ids.pop_front();
        }
        ids.push_back(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_oldest_is_forgotten() {
        let delivered = Delivered::default();
        let id = |number: usize| MailId(Uuid::from_u128(number as u128));
        for number in 0..=CAPACITY {
            assert!(!delivered.contains(id(number)));
            delivered.insert(id(number));
        }
        assert!(!delivered.contains(id(0)));
        assert!(delivered.contains(id(1)) && delivered.contains(id(CAPACITY)));
    }
}
