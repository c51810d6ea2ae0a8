//! Composing mails: template, values, link, seal.

use crate::mail::content::{MailContent, MailTemplate};
use crate::mail::outbox_mail::{MailId, OutboxMail};
use crate::ports::change::Change;
use crate::ports::error::PortError;
use crate::ports::mail_sealer::MailSealer;
use crate::ports::secrets::Secrets;
use crate::request::RequestContext;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::{Duration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use time::macros::format_description;

/// A page that a mailed link opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPage {
    /// Proves the address of a new account.
    VerifyRegistration,
    /// Proves a new address.
    VerifyEmail,
    /// Sets a new password.
    ResetPassword,
    /// Asks for a password reset; needs no token.
    ForgotPassword,
}

impl LinkPage {
    /// The page's path below the public base URL.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::VerifyRegistration => "/verify-registration",
            Self::VerifyEmail => "/verify-email",
            Self::ResetPassword => "/reset-password",
            Self::ForgotPassword => "/forgot-password",
        }
    }
}

/// Composes mails for the outbox.
#[derive(Clone)]
pub struct MailComposer {
    /// Draws the mails' ids.
    pub secrets: Arc<dyn Secrets>,
    /// Seals what they say.
    pub sealer: Arc<dyn MailSealer>,
    /// Where links point, without a trailing slash; from the configuration alone, never from a request.
    pub public_base_url: String,
    /// The service's name.
    pub product: String,
}

/// A mail being composed.
pub struct MailDraft<'a> {
    template: MailTemplate,
    to: &'a EmailAddress,
    values: Vec<(&'static str, String)>,
    expires_at: Option<Timestamp>,
}

impl<'a> MailDraft<'a> {
    /// A mail of this template to a *stored* address.
    #[must_use]
    pub fn new(template: MailTemplate, to: &'a EmailAddress) -> Self {
        Self {
            template,
            to,
            values: Vec::new(),
            expires_at: None,
        }
    }

    /// With a value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// With when and from where it was caused.
    #[must_use]
    pub fn caused_by(self, context: &RequestContext, now: Timestamp) -> Self {
        self.with("requested_at", readable_time(now))
            .with("requested_from", context.describe_client())
    }

    /// Pointless from that moment on.
    #[must_use]
    pub fn until(self, expires_at: Timestamp) -> Self {
        Self {
            expires_at: Some(expires_at),
            ..self
        }
    }
}

impl MailComposer {
    /// A link to a page, with a token where the page takes one.
    #[must_use]
    pub fn link(&self, page: LinkPage, token: Option<&SecretString>) -> String {
        let query = token
            .map(|token| format!("?token={}", token.expose_secret()))
            .unwrap_or_default();
        format!("{}{}{query}", self.public_base_url, page.path())
    }

    /// Seals a draft into a change that enqueues it.
    ///
    /// # Errors
    /// [`PortError`] where it cannot be sealed.
    pub fn enqueue(&self, draft: MailDraft<'_>, now: Timestamp) -> Result<Change, PortError> {
        let id = MailId(self.secrets.new_id(now));
        let common = [
            ("product", self.product.clone()),
            ("email", draft.to.as_str().to_owned()),
        ];
        let values = common.into_iter().chain(draft.values);
        let content = MailContent {
            template: draft.template,
            values: values.map(|(name, value)| (name.to_owned(), value)).collect(),
        };
        Ok(Change::Mail(OutboxMail {
            id,
            template: draft.template,
            to: draft.to.clone(),
            content: self.sealer.seal(id, &content)?,
            created_at: now,
            expires_at: draft.expires_at,
        }))
    }
}

/// "21 November 2026, 06:14 UTC".
#[must_use]
pub fn readable_time(time: Timestamp) -> String {
    let format = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    time.format(format).unwrap_or_default()
}

/// Whole minutes, for "valid for 10 minutes".
#[must_use]
pub fn minutes(span: Duration) -> String {
    span.whole_minutes().to_string()
}

/// Whole hours, at least one, for "valid for 24 hours".
#[must_use]
pub fn hours(span: Duration) -> String {
    span.whole_hours().max(1).to_string()
}
