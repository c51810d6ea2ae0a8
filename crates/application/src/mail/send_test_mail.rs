//! Use case: send a mail to see whether mails leave.

use crate::mail::content::RenderedMail;
use crate::mail::outbox_mail::MailId;
use crate::ports::clock::Clock;
use crate::ports::mail_transport::{MailTransport, MailTransportError, OutgoingMail};
use crate::ports::secrets::Secrets;
use gatewright_domain::account::email::{EmailAddress, EmailError};
use std::sync::Arc;
use thiserror::Error;

/// Sends a test mail at once and not by the outbox, so that whoever asks hears what the mail server says.
#[derive(Clone)]
pub struct SendTestMail {
    /// Takes it away.
    pub transport: Arc<dyn MailTransport>,
    /// Names it.
    pub secrets: Arc<dyn Secrets>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The service's name.
    pub product: String,
}

/// Why no test mail left.
#[derive(Debug, Error)]
pub enum SendTestMailError {
    /// Nobody can be reached there.
    #[error("the address cannot be used: {0}")]
    Address(#[from] EmailError),
    /// The transport did not take it.
    #[error(transparent)]
    Transport(#[from] MailTransportError),
}

impl SendTestMail {
    /// Sends it to `to`, and answers the address as it was understood.
    ///
    /// # Errors
    /// See [`SendTestMailError`].
    pub async fn execute(&self, to: &str) -> Result<EmailAddress, SendTestMailError> {
        let to = EmailAddress::parse(to)?;
        let now = self.clock.now();
        let mail = OutgoingMail {
            id: MailId(self.secrets.new_id(now)),
            to: to.clone(),
            written_at: now,
            content: self.content(),
        };
        self.transport.send(&mail).await?;
        Ok(to)
    }

    fn content(&self) -> RenderedMail {
        let product = &self.product;
        let text = "This is a test. If you can read it, mails of the service leave and arrive.";
        RenderedMail {
            subject: format!("Test mail from {product}"),
            text: format!("{text}\n"),
            html: format!("<!doctype html><html lang=\"en\"><body><p>{text}</p></body></html>\n"),
        }
    }
}
