//! A mail as an Internet message (RFC 5322) with a text and an HTML part (RFC 2046 §5.1.4).

use gatewright_application::mail::sender::Sender;
use gatewright_application::ports::mail_transport::OutgoingMail;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;

/// The message of a mail: the same bytes at every try, all of them ASCII. Its `Message-ID` is made of the mail's id, so
/// that a mail that arrives twice can be recognised.
pub(crate) fn message_of(mail: &OutgoingMail, sender: &Sender) -> Vec<u8> {
    let id = mail.id.0.as_hyphenated();
    let alternatives = ContentType::new("multipart/alternative").attribute("boundary", format!("=_{id}"));
    let parts = vec![
        MimePart::new("text/plain", with_crlf(&mail.content.text)),
        MimePart::new("text/html", with_crlf(&mail.content.html)),
    ];
    let mut message = Vec::new();
    MessageBuilder::new()
        .from(Address::new_address(sender.name(), sender.address()))
        .to(mail.to.as_str())
        .subject(mail.content.subject.as_str())
        .date(mail.written_at.unix_timestamp())
        .message_id(format!("{id}@{}", sender.domain()))
        // No holiday notice may answer it (RFC 3834 §5).
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .body(MimePart::new(alternatives, parts))
        .serialize(&mut message);
    message
}

/// `\r\n` at the end of every line and nowhere else (RFC 5321 §2.3.8), whatever ended it before.
fn with_crlf(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.lines().flat_map(|line| [line, "\r\n"]).collect()
}

#[cfg(test)]
mod tests;
