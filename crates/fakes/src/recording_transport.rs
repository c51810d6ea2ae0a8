//! A mail transport that keeps what it is given.

use async_trait::async_trait;
use gatewright_application::ports::mail_transport::{MailTransport, MailTransportError, OutgoingMail};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps every mail once, and refuses them for as long as it is told to.
#[derive(Debug, Default)]
pub struct RecordingTransport {
    sent: Mutex<Vec<OutgoingMail>>,
    refusal: Mutex<Option<MailTransportError>>,
}

impl RecordingTransport {
    /// Answers every mail with `refusal` from here on; `None` takes mails again.
    pub fn refuse(&self, refusal: Option<MailTransportError>) {
        *locked(&self.refusal) = refusal;
    }

    /// The mails taken so far, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<OutgoingMail> {
        locked(&self.sent).clone()
    }
}

#[async_trait]
impl MailTransport for RecordingTransport {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailTransportError> {
        if let Some(refusal) = locked(&self.refusal).clone() {
            return Err(refusal);
        }
        let mut sent = locked(&self.sent);
        if sent.iter().all(|earlier| earlier.id != mail.id) {
            sent.push(mail.clone());
        }
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
