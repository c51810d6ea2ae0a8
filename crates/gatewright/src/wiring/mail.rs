//! Mails that become files, and the page on which a developer reads them.

use crate::config::storage::StorageConfig;
use async_trait::async_trait;
use gatewright_adapter_outbox_file::mail_folder::MailFolder;
use gatewright_adapter_outbox_file::stored_mail::StoredMail;
use gatewright_application::mail::outbox_mail::MailId;
use gatewright_application::ports::error::PortError;
use gatewright_delivery_http::development::{DevelopmentMail, DevelopmentMailbox, MailSummary};
use std::io;
use uuid::Uuid;

/// Mails the page lists.
const LISTED: usize = 200;

/// The folder in which mails land.
pub(crate) fn mail_folder(config: &StorageConfig) -> MailFolder {
    MailFolder::new(config.mail_dir())
}

/// That folder, as the pages under `/dev/mail` want it.
pub(crate) struct FolderMailbox(pub(crate) MailFolder);

#[async_trait]
impl DevelopmentMailbox for FolderMailbox {
    async fn list(&self) -> Result<Vec<MailSummary>, PortError> {
        let mails = self.0.newest(LISTED).await.map_err(|error| unavailable(&error))?;
        Ok(mails.iter().map(summary_of).collect())
    }

    async fn read(&self, id: &str) -> Result<Option<DevelopmentMail>, PortError> {
        let Ok(id) = Uuid::parse_str(id) else {
            return Ok(None);
        };
        let mail = self.0.find(MailId(id)).await.map_err(|error| unavailable(&error))?;
        Ok(mail.map(|mail| DevelopmentMail {
            summary: summary_of(&mail),
            text: mail.text,
            html: mail.html,
        }))
    }
}

fn summary_of(mail: &StoredMail) -> MailSummary {
    MailSummary {
        id: mail.id.0.to_string(),
        to: mail.to.clone(),
        subject: mail.subject.clone(),
        written_at: mail.written_at,
    }
}

fn unavailable(error: &io::Error) -> PortError {
    PortError::Unavailable {
        dependency: "mail",
        reason: error.to_string(),
    }
}
