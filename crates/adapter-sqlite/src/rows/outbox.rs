//! Mails that wait to be sent.

use crate::error::corrupt;
use crate::rows::columns::{bytes, id, micros, optional_time, parsed, required, time, word};
use crate::schema::outbox_mails;
use diesel::{Insertable, Queryable, Selectable};
use gatewright_application::mail::content::MailTemplate;
use gatewright_application::mail::outbox_mail::{MailId, OutboxMail, SealedContent};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::outbox::ClaimedMail;
use gatewright_domain::account::email::EmailAddress;
use uuid::Uuid;

/// A waiting mail as it is stored.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox_mails, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct OutboxMailRow {
    /// Its identity.
    pub(crate) id: Vec<u8>,
    template: String,
    recipient: String,
    sealed_content: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    due_at: Option<i64>,
    attempts: i64,
}

impl From<&OutboxMail> for OutboxMailRow {
    fn from(mail: &OutboxMail) -> Self {
        Self {
            id: bytes(mail.id.0),
            template: mail.template.as_str().to_owned(),
            recipient: mail.to.as_str().to_owned(),
            sealed_content: Some(mail.content.0.clone()),
            created_at: micros(mail.created_at),
            expires_at: mail.expires_at.map(micros),
            due_at: Some(micros(mail.created_at)),
            attempts: 0,
        }
    }
}

impl OutboxMailRow {
    /// The mail, claimed once more than the row knows of.
    pub(crate) fn into_claimed(self, claim: Uuid) -> Result<ClaimedMail, PortError> {
        Ok(ClaimedMail {
            mail: OutboxMail {
                id: MailId(id(&self.id)?),
                template: word("mail", &self.template, MailTemplate::from_word(&self.template))?,
                to: parsed("mail", &self.recipient, EmailAddress::parse)?,
                content: SealedContent(required("mail", self.sealed_content)?),
                created_at: time(self.created_at)?,
                expires_at: optional_time(self.expires_at)?,
            },
            claim,
            attempts: u32::try_from(self.attempts + 1).map_err(|error| corrupt("mail", error.to_string()))?,
        })
    }
}
