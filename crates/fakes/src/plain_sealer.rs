//! Sealed mail content without any cryptography.

use crate::toy_digest::{from_hex, to_hex, toy_digest};
use gatewright_application::mail::content::{MailContent, MailTemplate};
use gatewright_application::mail::outbox_mail::{MailId, SealedContent};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::mail_sealer::MailSealer;

/// Writes content in hexadecimal under a tag: `tag:template,name=value,…`.
#[derive(Debug, Clone, Copy)]
pub struct PlainSealer {
    key: &'static str,
}

impl PlainSealer {
    /// Seals under `key`.
    #[must_use]
    pub fn under(key: &'static str) -> Self {
        Self { key }
    }

    fn tag(&self, id: MailId, body: &str) -> String {
        to_hex(&toy_digest(&[self.key.as_bytes(), id.0.as_bytes(), body.as_bytes()]))
    }
}

impl Default for PlainSealer {
    fn default() -> Self {
        Self::under("our key")
    }
}

impl MailSealer for PlainSealer {
    fn seal(&self, id: MailId, content: &MailContent) -> Result<SealedContent, PortError> {
        let values = content.values.iter();
        let pairs = values.map(|(name, value)| format!(",{}={}", to_hex(name.as_bytes()), to_hex(value.as_bytes())));
        let body = pairs.fold(content.template.as_str().to_owned(), |body, pair| body + &pair);
        Ok(SealedContent(format!("{}:{body}", self.tag(id, &body))))
    }

    fn open(&self, id: MailId, sealed: &SealedContent) -> Result<MailContent, PortError> {
        let genuine = |(tag, body): (&str, &str)| tag == self.tag(id, body);
        sealed
            .0
            .split_once(':')
            .filter(|parts| genuine(*parts))
            .and_then(|(_, body)| read_body(body))
            .ok_or_else(|| PortError::Corrupt {
                what: "mail content",
                reason: "not sealed here for this mail".into(),
            })
    }
}

fn read_body(body: &str) -> Option<MailContent> {
    let mut fields = body.split(',');
    let template = MailTemplate::from_word(fields.next()?)?;
    let text = |hex: &str| String::from_utf8(from_hex(hex)?).ok();
    let values = fields.map(|field| {
        let (name, value) = field.split_once('=')?;
        Some((text(name)?, text(value)?))
    });
    Some(MailContent {
        template,
        values: values.collect::<Option<_>>()?,
    })
}
