//! Turning content into text and HTML.

use crate::mail::content::{MailContent, RenderedMail};
use crate::ports::error::PortError;

/// Fills templates.
pub trait MailRenderer: Send + Sync {
    /// Renders subject, text and HTML. Values MUST be escaped in the HTML part and MUST NOT break a line in the subject.
    ///
    /// # Errors
    /// [`PortError::Corrupt`] where a template does not render.
    fn render(&self, content: &MailContent) -> Result<RenderedMail, PortError>;
}
