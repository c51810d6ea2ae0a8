//! Mails without templates.

use gatewright_application::mail::content::{MailContent, RenderedMail};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::mail_renderer::MailRenderer;

/// Lists the values: the template's name for a subject, `name: value` a line for a text.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainRenderer;

impl MailRenderer for PlainRenderer {
    fn render(&self, content: &MailContent) -> Result<RenderedMail, PortError> {
        let values = content.values.iter();
        let lines: Vec<String> = values.map(|(name, value)| format!("{name}: {value}")).collect();
        let text = lines.join("\n");
        let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        Ok(RenderedMail {
            subject: content.template.as_str().to_owned(),
            html: format!("<pre>{}</pre>", html.replace('"', "&quot;").replace('\'', "&#39;")),
            text,
        })
    }
}
