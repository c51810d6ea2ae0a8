//! The mail server and what is needed to speak to it.

use crate::smtp_url::{SmtpUrl, TlsMode};
use crate::tls::{self, TlsSetupError};
use std::path::Path;
use std::time::Duration;
use tokio_rustls::TlsConnector;

/// When TLS begins, and who is trusted then.
#[derive(Clone)]
pub(crate) enum Security {
    Implicit(TlsConnector),
    StartTls(TlsConnector),
    None,
}

/// The mail server.
pub(crate) struct Server {
    pub(crate) url: SmtpUrl,
    pub(crate) security: Security,
    /// What we call ourselves in `EHLO`.
    pub(crate) hello: String,
    /// How long each step may take.
    pub(crate) timeout: Duration,
}

impl Server {
    pub(crate) fn new(
        url: SmtpUrl,
        authorities: Option<&Path>,
        hello: String,
        timeout: Duration,
    ) -> Result<Self, TlsSetupError> {
        let security = match url.tls {
            TlsMode::Implicit => Security::Implicit(tls::connector(authorities)?),
            TlsMode::StartTls => Security::StartTls(tls::connector(authorities)?),
            TlsMode::None => Security::None,
        };
        Ok(Self {
            url,
            security,
            hello,
            timeout,
        })
    }

    /// How long a server may take to say whether it took a mail.
    ///
    /// RFC 5321 §4.5.3.2.6 asks for ten minutes, for when we give up and the server had taken the mail, it arrives twice.
    /// But a connection that waits is one that others cannot use, and a code is of no use after ten minutes; so it is
    /// three times what any other step gets.
    pub(crate) fn acceptance_timeout(&self) -> Duration {
        3 * self.timeout
    }
}
