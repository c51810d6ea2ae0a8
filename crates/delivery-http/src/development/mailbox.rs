//! What the mailbox pages need to know.

use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;

/// The mails that would have been sent, for a developer to read. Implemented where mails are known to end up.
#[async_trait]
pub trait DevelopmentMailbox: Send + Sync {
    /// What there is, newest first.
    async fn list(&self) -> Result<Vec<MailSummary>, PortError>;

    /// One mail, by the id that [`list`](Self::list) gave it.
    async fn read(&self, id: &str) -> Result<Option<DevelopmentMail>, PortError>;
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSummary {
    /// Names it: ASCII letters, digits, `.`, `_` and `-`.
    pub id: String,
    /// To whom.
    pub to: String,
    /// About what.
    pub subject: String,
    /// When it was written.
    pub written_at: Timestamp,
}

/// A whole mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevelopmentMail {
    /// To whom, about what, when.
    pub summary: MailSummary,
    /// The plain-text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}
