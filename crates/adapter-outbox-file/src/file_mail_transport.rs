//! The mail transport that writes files.

use crate::mail_folder::MailFolder;
use crate::message::message_of;
use crate::stored_mail::FileName;
use async_trait::async_trait;
use gatewright_application::mail::sender::Sender;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::{HealthProbe, Importance};
use gatewright_application::ports::mail_transport::{MailTransport, MailTransportError, OutgoingMail};
use std::io;

/// "Sends" a mail by writing it to a folder, under a name that its time and id alone decide.
pub struct FileMailTransport {
    folder: MailFolder,
    sender: Sender,
}

impl FileMailTransport {
    /// A transport into `folder`, with mails from `sender`.
    #[must_use]
    pub fn new(folder: MailFolder, sender: Sender) -> Self {
        Self { folder, sender }
    }

    fn fault(&self, error: &io::Error) -> String {
        format!("cannot write to {}: {error}", self.folder.directory().display())
    }
}

#[async_trait]
impl MailTransport for FileMailTransport {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailTransportError> {
        let name = FileName {
            written_at: mail.written_at,
            id: mail.id,
        };
        let stored = self.folder.store(name, message_of(mail, &self.sender)).await;
        // A full disk or a wrong owner is for the operator to mend, and then the mail goes out.
        stored.map_err(|error| MailTransportError::Temporary(self.fault(&error)))
    }
}

#[async_trait]
impl HealthProbe for FileMailTransport {
    fn name(&self) -> &'static str {
        "mail"
    }

    /// Mails wait in the outbox until they can leave.
    fn importance(&self) -> Importance {
        Importance::Degrading
    }

    async fn check(&self) -> Result<(), PortError> {
        self.folder.probe().await.map_err(|error| PortError::Unavailable {
            dependency: "mail",
            reason: self.fault(&error),
        })
    }
}

#[cfg(test)]
mod tests;
