//! Mails that wait to be sent.

use crate::error::corrupt;
use crate::rows::columns::{parsed, required, word};
use crate::schema::outbox_mails;
use diesel::{Insertable, QueryableByName};
use gatewright_application::mail::content::MailTemplate;
use gatewright_application::mail::outbox_mail::{MailId, OutboxMail, SealedContent};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::outbox::ClaimedMail;
use gatewright_domain::Timestamp;
use gatewright_domain::account::email::EmailAddress;
use uuid::Uuid;

/// A waiting mail as it is stored.
#[derive(QueryableByName, Insertable)]
#[diesel(table_name = outbox_mails, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
pub(crate) struct OutboxMailRow {
    /// Its identity.
    pub(crate) id: Uuid,
    template: String,
    recipient: String,
    sealed_content: Option<String>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    /// Since when it waits.
    pub(crate) due_at: Option<Timestamp>,
    attempts: i64,
}

impl From<&OutboxMail> for OutboxMailRow {
    fn from(mail: &OutboxMail) -> Self {
        Self {
            id: mail.id.0,
            template: mail.template.as_str().to_owned(),
            recipient: mail.to.as_str().to_owned(),
            sealed_content: Some(mail.content.0.clone()),
            created_at: mail.created_at,
            expires_at: mail.expires_at,
            due_at: Some(mail.created_at),
            attempts: 0,
        }
    }
}

impl OutboxMailRow {
    /// The mail under the claim that the row was read by.
    pub(crate) fn into_claimed(self, claim: Uuid) -> Result<ClaimedMail, PortError> {
        Ok(ClaimedMail {
            mail: OutboxMail {
                id: MailId(self.id),
                template: word("mail", &self.template, MailTemplate::from_word(&self.template))?,
                to: parsed("mail", &self.recipient, EmailAddress::parse)?,
                content: SealedContent(required("mail", self.sealed_content)?),
                created_at: self.created_at,
                expires_at: self.expires_at,
            },
            claim,
            attempts: u32::try_from(self.attempts).map_err(|error| corrupt("mail", error.to_string()))?,
        })
    }
}
