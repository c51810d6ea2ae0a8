//! What a server said, fit to be stored and logged.

use gatewright_application::ports::mail_transport::OutgoingMail;
use smtp_proto::Response;

/// Longest text kept, in characters.
const MAX_TEXT: usize = 300;
/// Shorter words are not worth hiding: they are no code, no link and no address.
const MIN_HIDDEN: usize = 6;

/// The code and the enhanced status code (RFC 3463) of a reply.
pub(crate) fn codes(reply: &Response<String>) -> String {
    match reply.esc {
        [0, 0, 0] => reply.code.to_string(),
        [class, subject, detail] => format!("{} {class}.{subject}.{detail}", reply.code),
    }
}

/// A reply on one line. Servers quote what they refuse: words of the mail itself, which holds codes and links, and its
/// recipient are left out.
pub(crate) fn told(reply: &Response<String>, mail: Option<&OutgoingMail>) -> String {
    let words = reply.message.split(|c: char| c.is_whitespace() || c.is_control());
    let words = words.filter(|word| !word.is_empty()).map(|word| match mail {
        Some(mail) if is_of(mail, word) => "…",
        _ => word,
    });
    let text = words.collect::<Vec<_>>().join(" ");
    let text: String = text.chars().take(MAX_TEXT).collect();
    format!("{} {text}", codes(reply)).trim_end().to_owned()
}

fn is_of(mail: &OutgoingMail, word: &str) -> bool {
    let content = &mail.content;
    let quotes = |part: &str| {
        let is_secret = part.contains("://") || part.chars().any(|c| c.is_ascii_digit());
        let is_quoted = || {
            [&content.text, &content.html, &content.subject]
                .iter()
                .any(|text| text.contains(part))
        };
        part.len() >= MIN_HIDDEN && is_secret && is_quoted()
    };
    let names_recipient = word.to_ascii_lowercase().contains(mail.to.canonical());
    names_recipient || word.contains("://") || word.split(|c: char| !is_of_token(c)).any(quotes)
}

/// What a code or the token of a link is made of.
fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests;
