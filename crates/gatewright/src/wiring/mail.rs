//! Where mails go: to a mail server, or into files that a page shows to a developer.

use crate::config::Config;
use crate::config::fault::{Fault, Faults};
use crate::config::mail::{DKIM_KEY, MAIL_FROM, SMTP_URL, SmtpConfig};
use crate::config::storage::{StorageConfig, TLS_CA_FILE};
use async_trait::async_trait;
use gatewright_adapter_outbox_file::file_mail_transport::FileMailTransport;
use gatewright_adapter_outbox_file::mail_folder::MailFolder;
use gatewright_adapter_outbox_file::stored_mail::StoredMail;
use gatewright_adapter_smtp::dkim::DkimSigner;
use gatewright_adapter_smtp::smtp_transport::{SmtpOptions, SmtpTransport};
use gatewright_adapter_smtp::smtp_url::SmtpUrl;
use gatewright_application::mail::outbox_mail::MailId;
use gatewright_application::mail::sender::Sender;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use gatewright_application::ports::mail_transport::MailTransport;
use gatewright_delivery_http::development::{DevelopmentMail, DevelopmentMailbox, MailSummary};
use secrecy::ExposeSecret;
use std::io;
use std::sync::Arc;
use uuid::Uuid;

/// Mails the page lists.
const LISTED: usize = 200;

/// Where mails go.
pub(crate) struct MailRoute {
    pub(crate) transport: Arc<dyn MailTransport>,
    pub(crate) health: Arc<dyn HealthProbe>,
    /// Where they can be read, when they become files.
    pub(crate) mailbox: Option<Arc<dyn DevelopmentMailbox>>,
}

impl MailRoute {
    /// The way that the settings name. Connects to nothing and makes nothing.
    pub(crate) fn new(config: &Config) -> Result<Self, Faults> {
        let sender = Sender::parse(&config.mail.from).map_err(|error| Fault::of(&MAIL_FROM, &error.to_string()))?;
        match &config.mail.smtp {
            Some(smtp) => Self::by_smtp(smtp, &config.storage, sender),
            None => Ok(Self::into_files(&config.storage, sender)),
        }
    }

    fn into_files(config: &StorageConfig, sender: Sender) -> Self {
        let folder = MailFolder::new(config.mail_dir());
        let transport = Arc::new(FileMailTransport::new(folder.clone(), sender));
        Self {
            transport: transport.clone(),
            health: transport,
            mailbox: Some(Arc::new(FolderMailbox(folder))),
        }
    }

    fn by_smtp(smtp: &SmtpConfig, storage: &StorageConfig, sender: Sender) -> Result<Self, Faults> {
        let url = SmtpUrl::parse(smtp.url.expose_secret()).map_err(|error| Fault::of(&SMTP_URL, &error.to_string()))?;
        let dkim = smtp.dkim.as_ref();
        let dkim = dkim
            .map(|dkim| DkimSigner::new(&dkim.domain, &dkim.selector, &dkim.key))
            .transpose()
            .map_err(|error| Fault::of(&DKIM_KEY, &error.to_string()))?;
        let transport = SmtpTransport::new(SmtpOptions {
            url,
            sender,
            connections: smtp.connections,
            timeout: smtp.timeout.unsigned_abs(),
            authorities_file: storage.tls_ca_file.clone(),
            dkim,
        });
        let transport = Arc::new(transport.map_err(|error| Fault::of(&TLS_CA_FILE, &error.to_string()))?);
        Ok(Self {
            transport: transport.clone(),
            health: transport,
            mailbox: None,
        })
    }
}

/// A folder of mails, as the pages under `/dev/mail` want it.
struct FolderMailbox(MailFolder);

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
