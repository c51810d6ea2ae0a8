//! Keeping mail content secret while it waits.

use crate::mail::content::MailContent;
use crate::mail::outbox_mail::{MailId, SealedContent};
use crate::ports::error::PortError;

/// Encrypts what a mail will say: it holds codes and links, which no database dump may tell.
pub trait MailSealer: Send + Sync {
    /// Encrypts and authenticates `content`, bound to the mail.
    ///
    /// # Errors
    /// [`PortError`] where the content cannot be encoded.
    fn seal(&self, id: MailId, content: &MailContent) -> Result<SealedContent, PortError>;

    /// Opens what [`seal`](Self::seal) made for this mail.
    ///
    /// # Errors
    /// [`PortError::Corrupt`] for anything else.
    fn open(&self, id: MailId, sealed: &SealedContent) -> Result<MailContent, PortError>;
}
