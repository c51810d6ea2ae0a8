//! One conversation with a mail server: from its greeting, over any number of mails, to `QUIT`.

use crate::failure::{Failure, Step};
use crate::server::{Security, Server};
use gatewright_application::ports::mail_transport::OutgoingMail;
use mail_send::smtp::AssertReply;
use mail_send::{Credentials, Error, SmtpClient};
use secrecy::ExposeSecret;
use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN, EXT_PIPELINING, EXT_START_TLS, EhloResponse, Response};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, BufWriter};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// A connection, with TLS or without.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Commands and messages leave in one piece each: mail-send writes them in several and flushes at their end.
type Client = SmtpClient<BufWriter<Box<dyn Stream>>>;

/// A mail as the server gets it.
#[derive(Clone, Copy)]
pub(crate) struct Envelope<'a> {
    pub(crate) sender: &'a str,
    pub(crate) message: &'a [u8],
    pub(crate) mail: &'a OutgoingMail,
}

/// An open conversation that takes mails.
pub(crate) struct Session {
    client: Client,
    has_pipelining: bool,
    acceptance_timeout: Duration,
    /// Mails that were begun on it.
    pub(crate) mails: u32,
}

impl Session {
    /// Connects, begins TLS, says hello and proves who we are.
    pub(crate) async fn open(server: &Server) -> Result<Self, Failure> {
        let stream = connect(server)
            .await
            .map_err(|error| Failure::of(Step::Connecting, &error, None))?;
        let plain = SmtpClient {
            stream,
            timeout: server.timeout,
        };
        let (mut client, is_greeted) = secure(plain, server).await?;
        if !is_greeted {
            greeting(&mut client).await?;
        }
        let offers = hello(&mut client, server).await?;
        let has_pipelining = offers.has_capability(EXT_PIPELINING);
        log_in(&mut client, server, offers).await?;
        Ok(Self {
            client,
            has_pipelining,
            acceptance_timeout: server.acceptance_timeout(),
            mails: 0,
        })
    }

    /// Hands one mail over.
    pub(crate) async fn deliver(&mut self, envelope: Envelope<'_>) -> Result<(), Failure> {
        self.mails += 1;
        let mail = Some(envelope.mail);
        let failed = |step| move |error: Error| Failure::of(step, &error, mail);
        let from = format!("MAIL FROM:<{}>\r\n", envelope.sender);
        let to = format!("RCPT TO:<{}>\r\n", recipient(envelope.mail)?);
        if self.has_pipelining {
            self.announce_at_once(&from, &to, envelope.mail).await?;
        } else {
            self.command(&from).await.map_err(failed(Step::Sender))?;
            self.command(&to).await.map_err(failed(Step::Recipient))?;
            let data = self.client.cmd("DATA\r\n").await;
            data.and_then(|reply| reply.assert_code(354))
                .map_err(failed(Step::Data))?;
        }
        // What ends the message begins with a line break of its own.
        let message = envelope.message.strip_suffix(b"\r\n").unwrap_or(envelope.message);
        let accepted = timeout(self.acceptance_timeout, async {
            self.client.write_message(message).await?;
            self.client.read().await?.assert_positive_completion()
        });
        let accepted = accepted.await.unwrap_or(Err(Error::Timeout));
        accepted.map_err(failed(Step::Acceptance))
    }

    /// The three commands before a message in one packet (RFC 2920 §3.1).
    async fn announce_at_once(&mut self, from: &str, to: &str, mail: &OutgoingMail) -> Result<(), Failure> {
        let failed = |step| move |error: Error| Failure::of(step, &error, Some(mail));
        let replies = self
            .client
            .cmds([from, to, "DATA\r\n"])
            .await
            .map_err(failed(Step::Sender))?;
        let Ok([from, to, data]) = <[Response<String>; 3]>::try_from(replies) else {
            return Err(Failure::broken(Step::Sender, "not as many answers as commands"));
        };
        let waits_for_data = data.code == 354;
        let refused = from.assert_positive_completion().map_err(failed(Step::Sender));
        let refused = refused.and_then(|()| to.assert_positive_completion().map_err(failed(Step::Recipient)));
        // It waits for a message to nobody then; leaving is the one way to send none.
        let refused = refused.map_err(|failure| {
            if waits_for_data {
                failure.ending_connection()
            } else {
                failure
            }
        });
        refused.and_then(|()| data.assert_code(354).map_err(failed(Step::Data)))
    }

    /// Forgets the mail that was refused, so that the next can begin.
    pub(crate) async fn reset(&mut self) -> Result<(), Failure> {
        self.checked("RSET\r\n").await
    }

    /// Asks for a sign of life.
    pub(crate) async fn check(&mut self) -> Result<(), Failure> {
        self.checked("NOOP\r\n").await
    }

    /// Says goodbye.
    pub(crate) async fn quit(mut self) {
        // The connection is given up either way.
        let _ = self.command("QUIT\r\n").await;
    }

    async fn checked(&mut self, command: &str) -> Result<(), Failure> {
        let answered = self.command(command).await;
        answered.map_err(|error| Failure::of(Step::Checking, &error, None))
    }

    async fn command(&mut self, command: &str) -> Result<(), Error> {
        self.client.cmd(command).await?.assert_positive_completion()
    }
}

/// The address in a form that cannot be more than one: whatever the address's own type promises, nothing but this stands
/// between it and a second command.
fn recipient(mail: &OutgoingMail) -> Result<&str, Failure> {
    let address = mail.to.as_str();
    let is_safe = |byte: u8| byte.is_ascii_graphic() && !b"<>".contains(&byte);
    if address.bytes().all(is_safe) {
        Ok(address)
    } else {
        Err(Failure::unfit_recipient())
    }
}

/// A connection without Nagle's delay: each side waits for the other's lines.
async fn connect(server: &Server) -> Result<TcpStream, Error> {
    let connected = timeout(server.timeout, async {
        let addresses: Vec<_> = lookup_host((server.url.host.as_str(), server.url.port))
            .await?
            .collect();
        // An address that swallows packets must not use up the time of the others.
        let share = server.timeout / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        for address in addresses {
            match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Ok(Err(error)) => failure = error,
                Err(_) => failure = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(Error::Io(failure))
    });
    connected.await.unwrap_or(Err(Error::Timeout))
}

/// Begins TLS as the settings say, and never goes on without where they ask for it. Says whether the server's greeting
/// has been read on the way.
async fn secure(mut plain: SmtpClient<TcpStream>, server: &Server) -> Result<(Client, bool), Failure> {
    let host = server.url.host.as_str();
    let failed = |error: Error| Failure::of(Step::Tls, &error, None);
    match &server.security {
        Security::None => Ok((buffered(plain), false)),
        Security::Implicit(connector) => {
            let secured = plain.into_tls(connector, host).await.map_err(failed)?;
            Ok((buffered(secured), false))
        }
        Security::StartTls(connector) => {
            greeting(&mut plain).await?;
            let offers = hello(&mut plain, server).await?;
            if !offers.has_capability(EXT_START_TLS) {
                return Err(failed(Error::MissingStartTls));
            }
            let secured = plain.start_tls(connector, host).await.map_err(failed)?;
            Ok((buffered(secured), true))
        }
    }
}

fn buffered<T: Stream + 'static>(client: SmtpClient<T>) -> Client {
    SmtpClient {
        stream: BufWriter::new(Box::new(client.stream)),
        timeout: client.timeout,
    }
}

async fn greeting<T: Stream>(client: &mut SmtpClient<T>) -> Result<(), Failure> {
    let greeted = timeout(client.timeout, client.read())
        .await
        .unwrap_or(Err(Error::Timeout));
    let greeted = greeted.and_then(AssertReply::assert_positive_completion);
    greeted.map_err(|error| Failure::of(Step::Greeting, &error, None))
}

async fn hello<T: Stream>(client: &mut SmtpClient<T>, server: &Server) -> Result<EhloResponse<String>, Failure> {
    let offers = client.ehlo(&server.hello).await;
    offers.map_err(|error| Failure::of(Step::Hello, &error, None))
}

async fn log_in(client: &mut Client, server: &Server, mut offers: EhloResponse<String>) -> Result<(), Failure> {
    let Some(login) = &server.url.login else {
        return Ok(());
    };
    // mail-send would begin any other mechanism that is offered, and then not know how to go on or how to leave it.
    offers.auth_mechanisms &= AUTH_PLAIN | AUTH_LOGIN;
    let credentials = Credentials::new(login.user.as_str(), login.password.expose_secret());
    let outcome = client.authenticate(&credentials, &offers).await;
    outcome
        .map(|_| ())
        .map_err(|error| Failure::of(Step::Login, &error, None))
}
