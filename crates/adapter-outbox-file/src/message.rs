//! A mail as an Internet message (RFC 5322) with a text and an HTML part (RFC 2046 §5.1.4).

use gatewright_application::mail::sender::Sender;
use gatewright_application::ports::mail_transport::OutgoingMail;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;

/// Longest line of a message, in bytes without its line break (RFC 5322 §2.1.1).
const MAX_LINE_BYTES: usize = 998;

/// The message of a mail: the same bytes at every try.
pub(crate) fn message_of(mail: &OutgoingMail, sender: &Sender) -> Vec<u8> {
    let id = mail.id.0.as_hyphenated();
    let alternatives = ContentType::new("multipart/alternative").attribute("boundary", format!("=_{id}"));
    let parts = vec![
        readable_part("text/plain", &mail.content.text),
        readable_part("text/html", &mail.content.html),
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

/// Unencoded, so that a developer can copy the link out of the file; encoded where a line would be too long.
fn readable_part(content_type: &'static str, text: &str) -> MimePart<'static> {
    let is_readable = text.lines().all(|line| line.len() <= MAX_LINE_BYTES);
    let lines: String = text.lines().flat_map(|line| [line, "\r\n"]).collect();
    let part = MimePart::new(content_type, lines);
    if is_readable {
        part.transfer_encoding("8bit")
    } else {
        part
    }
}
