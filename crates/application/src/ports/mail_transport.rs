//! Sending mail.

use crate::mail::content::RenderedMail;
use crate::mail::outbox_mail::MailId;
use async_trait::async_trait;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::{Duration, Timestamp};
use thiserror::Error;

/// How long sending one mail may take. A worker begins with a mail only where its claim lasts longer than that, so
/// that no other worker has the mail meanwhile.
pub const LONGEST_SEND: Duration = Duration::minutes(1);

/// A mail ready to go.
#[derive(Debug, Clone)]
pub struct OutgoingMail {
    /// Its identity: the same at every try, so that a transport can tell a repetition.
    pub id: MailId,
    /// The stored address.
    pub to: EmailAddress,
    /// When the mail was written.
    pub written_at: Timestamp,
    /// What it says.
    pub content: RenderedMail,
}

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MailTransportError {
    /// Later it may be.
    #[error("not now: {0}")]
    Temporary(String),
    /// It never will be.
    #[error("refused: {0}")]
    Permanent(String),
}

/// Hands mails to the next server, or to whatever stands for it.
#[async_trait]
pub trait MailTransport: Send + Sync {
    /// Sends one mail. Sending the same mail twice MUST be harmless where the transport can tell. It MUST answer
    /// within [`LONGEST_SEND`]; where it then does not know whether the mail was taken, the error is `Temporary`.
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailTransportError>;

    /// How many mails it sends at once. More may be handed to it, and wait.
    fn concurrency(&self) -> u32 {
        1
    }
}
