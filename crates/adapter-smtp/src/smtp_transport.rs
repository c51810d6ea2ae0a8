//! The mail transport that speaks SMTP.

use crate::contact::Contact;
use crate::delivered::Delivered;
use crate::dkim::DkimSigner;
use crate::failure::{Failure, Step};
use crate::message::message_of;
use crate::pool::Pool;
use crate::server::Server;
use crate::session::Envelope;
use crate::smtp_url::SmtpUrl;
pub use crate::tls::TlsSetupError;
use async_trait::async_trait;
use gatewright_application::mail::sender::Sender;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::{HealthProbe, Importance};
use gatewright_application::ports::mail_transport::{LONGEST_SEND, MailTransport, MailTransportError, OutgoingMail};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a health check waits for a server that was not spoken to lately.
const PROBE_LIMIT: Duration = Duration::from_secs(1);

/// What the transport is made of.
#[derive(Debug)]
pub struct SmtpOptions {
    /// The server.
    pub url: SmtpUrl,
    /// Whom mails are from; its domain is also what we call ourselves in `EHLO`.
    pub sender: Sender,
    /// Connections held at once at most, and so mails sent at once; at least one.
    pub connections: u32,
    /// How long each step of a conversation may take. RFC 5321 §4.5.3.2 names five minutes for most of them, for
    /// servers that pass on whatever they get; ours passes on few mails that somebody waits for, and the outbox tries again.
    /// The answer to a message's last line may take three times as long. All of it is bounded by
    /// [`LONGEST_SEND`].
    pub timeout: Duration,
    /// A file of authorities (PEM) that are trusted beside the system's.
    pub authorities_file: Option<PathBuf>,
    /// Signs the mails, unless the server does that.
    pub dkim: Option<DkimSigner>,
}

/// Sends mails through one server, over few connections that are used again.
///
/// A mail arrives at least once. Nobody can know what became of it where the connection breaks between its last line and
/// the server's answer; it is tried again then, and may arrive twice, with the same `Message-ID` and the same bytes. In
/// no other case is a mail that may have been taken sent again by this transport: not when the connection breaks before
/// its message was begun and another one is tried, and not when the outbox hands out a mail that this process delivered.
pub struct SmtpTransport {
    connection: Arc<Connection>,
    sender: Sender,
    dkim: Option<DkimSigner>,
    delivered: Delivered,
    concurrency: u32,
}

/// What health checks and mails share.
struct Connection {
    pool: Arc<Pool>,
    contact: Contact,
    /// Held by the health check that is under way.
    probing: tokio::sync::Mutex<()>,
}

impl SmtpTransport {
    /// A transport. Connects to nothing yet, but reads the authorities that the system and the file name.
    ///
    /// # Errors
    /// [`TlsSetupError`] where TLS is asked for and cannot be had.
    pub fn new(options: SmtpOptions) -> Result<Self, TlsSetupError> {
        let hello = options.sender.domain().to_owned();
        let server = Server::new(options.url, options.authorities_file.as_deref(), hello, options.timeout)?;
        let concurrency = options.connections.max(1);
        Ok(Self {
            connection: Arc::new(Connection {
                pool: Pool::new(server, concurrency),
                contact: Contact::default(),
                probing: tokio::sync::Mutex::default(),
            }),
            sender: options.sender,
            dkim: options.dkim,
            delivered: Delivered::default(),
            concurrency,
        })
    }
}

#[async_trait]
impl MailTransport for SmtpTransport {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailTransportError> {
        if self.delivered.contains(mail.id) {
            return Ok(());
        }
        let mut message = message_of(mail, &self.sender);
        if let Some(dkim) = &self.dkim {
            let signed = dkim.sign(&mut message);
            signed.map_err(|_| MailTransportError::Temporary("the DKIM signature cannot be made".to_owned()))?;
        }
        self.connection
            .deliver(Envelope {
                sender: self.sender.address(),
                message: &message,
                mail,
            })
            .await?;
        self.delivered.insert(mail.id);
        Ok(())
    }

    fn concurrency(&self) -> u32 {
        self.concurrency
    }
}

impl Connection {
    async fn deliver(&self, envelope: Envelope<'_>) -> Result<(), Failure> {
        let limit = LONGEST_SEND.unsigned_abs();
        let outcome = timeout(limit, Box::pin(self.deliver_unbounded(envelope))).await;
        let outcome =
            outcome.unwrap_or_else(|_| Err(Failure::broken(Step::Acceptance, "the server took too long over all")));
        self.note(&outcome);
        outcome
    }

    async fn deliver_unbounded(&self, envelope: Envelope<'_>) -> Result<(), Failure> {
        let _place = self.pool.place().await;
        let mut taken = self.pool.take().await?;
        let mut outcome = taken.session.deliver(envelope).await;
        let is_stale = |failure: &Failure| failure.calls_for_another_connection();
        if taken.is_reused && outcome.as_ref().is_err_and(is_stale) {
            taken = self.pool.open().await?;
            outcome = taken.session.deliver(envelope).await;
        }
        let is_usable = match &outcome {
            Ok(()) => true,
            Err(failure) => !failure.ends_connection && taken.session.reset().await.is_ok(),
        };
        if is_usable {
            self.pool.keep(taken.session);
        }
        outcome
    }

    /// Speaks to the server, if there is a place to do so.
    async fn probe(&self) {
        if let Some(_place) = self.pool.free_place() {
            let outcome = match self.pool.take().await {
                Ok(taken) => {
                    self.pool.keep(taken.session);
                    Ok(())
                }
                Err(failure) => Err(failure),
            };
            self.note(&outcome);
        }
    }

    fn note(&self, outcome: &Result<(), Failure>) {
        self.contact.note(&self.pool.server.url.server(), outcome);
    }
}

#[async_trait]
impl HealthProbe for SmtpTransport {
    fn name(&self) -> &'static str {
        "mail"
    }

    /// Mails wait in the outbox until they can leave.
    fn importance(&self) -> Importance {
        Importance::Degrading
    }

    /// Answers by the last conversation, whoever had it. Where that was a while ago it begins another, and waits for it
    /// a moment: a slow mail server must not make us look slow.
    async fn check(&self) -> Result<(), PortError> {
        let connection = &self.connection;
        let is_current = connection.contact.last().is_some_and(|(_, is_old)| !is_old);
        if !is_current {
            let asked = Arc::clone(connection);
            let asking = tokio::spawn(async move {
                if let Ok(_only_one) = asked.probing.try_lock() {
                    asked.probe().await;
                }
            });
            // Whether it ended or not: what is known by now counts.
            let _ = timeout(PROBE_LIMIT, asking).await;
        }
        let outcome = match connection.contact.last() {
            Some((outcome, _)) => outcome,
            None => Err("no answer yet".to_owned()),
        };
        outcome.map_err(|reason| PortError::Unavailable {
            dependency: "mail",
            reason,
        })
    }
}
