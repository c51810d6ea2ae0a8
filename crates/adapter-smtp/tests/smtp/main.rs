//! The transport against a real mail server, and against servers that misbehave on purpose.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod answers;
mod contract;
mod health;
mod login;
mod mailbox;
mod reuse;
mod scripted_server;
mod security;
mod signing;
mod unknown_fate;

use gatewright_adapter_smtp::smtp_transport::{SmtpOptions, SmtpTransport};
use gatewright_adapter_smtp::smtp_url::SmtpUrl;
use gatewright_application::mail::content::RenderedMail;
use gatewright_application::mail::outbox_mail::MailId;
use gatewright_application::mail::sender::Sender;
use gatewright_application::ports::mail_transport::{MailTransportError, OutgoingMail};
use gatewright_domain::account::email::EmailAddress;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use time::macros::datetime;
use uuid::Uuid;

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// For servers that never answer.
const IMPATIENCE: Duration = Duration::from_millis(300);

static MAILS: AtomicU64 = AtomicU64::new(0);

fn options(url: &str) -> SmtpOptions {
    SmtpOptions {
        url: SmtpUrl::parse(url).unwrap(),
        sender: Sender::parse("Gatewright <no-reply@id.example.org>").unwrap(),
        connections: 2,
        timeout: PATIENCE,
        authorities_file: None,
        dkim: None,
    }
}

fn transport(url: &str) -> SmtpTransport {
    SmtpTransport::new(options(url)).unwrap()
}

fn impatient(url: &str) -> SmtpTransport {
    SmtpTransport::new(SmtpOptions {
        timeout: IMPATIENCE,
        ..options(url)
    })
    .unwrap()
}

/// A mail that no other test sends, to an address whose local part begins so.
fn mail_to(local_part: &str) -> OutgoingMail {
    let number = MAILS.fetch_add(1, Ordering::Relaxed);
    let id = (u128::from(std::process::id()) << 64) | u128::from(number);
    OutgoingMail {
        id: MailId(Uuid::from_u128(id)),
        to: EmailAddress::parse(&format!("{local_part}.{id:x}@example.org")).unwrap(),
        written_at: datetime!(2026-11-21 06:14:07 UTC),
        content: RenderedMail {
            subject: "Your code is 482913".to_owned(),
            text: "482913\n.\n..two\n".to_owned(),
            html: "<p>482913</p>\n".to_owned(),
        },
    }
}

fn reason(outcome: Result<(), MailTransportError>) -> String {
    match outcome.unwrap_err() {
        MailTransportError::Temporary(reason) => reason,
        permanent @ MailTransportError::Permanent(_) => panic!("{permanent}"),
    }
}

/// Lets that much time pass for the timers, at once.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}
