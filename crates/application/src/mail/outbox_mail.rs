//! A mail that waits to be sent.

use crate::mail::content::MailTemplate;
use gatewright_domain::Timestamp;
use gatewright_domain::account::email::EmailAddress;
use std::fmt;
use uuid::Uuid;

/// Identifies a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MailId(pub Uuid);

/// Encrypted mail content.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedContent(pub String);

impl fmt::Debug for SealedContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedContent(…)")
    }
}

/// A mail as the outbox keeps it, stored in the same `apply` as the change that causes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMail {
    /// Its identity.
    pub id: MailId,
    /// Which mail it is.
    pub template: MailTemplate,
    /// The stored address it goes to.
    pub to: EmailAddress,
    /// What it says.
    pub content: SealedContent,
    /// When it was written; it is due at once.
    pub created_at: Timestamp,
    /// From when on it is pointless: its code or link no longer works.
    pub expires_at: Option<Timestamp>,
}
