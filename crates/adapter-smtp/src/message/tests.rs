use super::*;
use gatewright_application::mail::content::RenderedMail;
use gatewright_application::mail::outbox_mail::MailId;
use gatewright_domain::account::email::EmailAddress;
use mail_parser::MessageParser;
use time::macros::datetime;
use uuid::Uuid;

fn mail() -> OutgoingMail {
    OutgoingMail {
        id: MailId(Uuid::from_u128(7)),
        to: EmailAddress::parse("Ann@example.org").unwrap(),
        written_at: datetime!(2026-11-21 06:14:07.5 UTC),
        content: RenderedMail {
            subject: "Your code".to_owned(),
            text: "Hello,\n\n482913\n".to_owned(),
            html: "<p>482913</p>\n".to_owned(),
        },
    }
}

fn written(mail: &OutgoingMail, sender: &str) -> String {
    String::from_utf8(message_of(mail, &Sender::parse(sender).unwrap())).unwrap()
}

fn head(message: &str) -> &str {
    message.split_once("\r\n\r\n").unwrap().0
}

#[test]
fn a_message_has_what_a_notice_from_a_machine_needs() {
    let message = written(&mail(), "Gatewright <no-reply@id.example.org>");
    for line in [
        "From: \"Gatewright\" <no-reply@id.example.org>",
        "To: <Ann@example.org>",
        "Subject: Your code",
        "Date: Sat, 21 Nov 2026 06:14:07 +0000",
        "Message-ID: <00000000-0000-0000-0000-000000000007@id.example.org>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    ] {
        assert!(
            head(&message).split("\r\n").any(|found| found == line),
            "{line} in {message}"
        );
    }
    let parsed = MessageParser::default().parse(&message).unwrap();
    assert_eq!(parsed.body_text(0).unwrap().trim_end(), "Hello,\r\n\r\n482913");
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), "<p>482913</p>");
    assert!(
        head(&message).contains("Content-Type: multipart/alternative;"),
        "{message}"
    );
}

#[test]
fn every_try_is_the_same_message() {
    let sender = "Gatewright <no-reply@id.example.org>";
    assert_eq!(written(&mail(), sender), written(&mail(), sender));
}

/// RFC 5321 §2.3.8 and §4.5.3.1.6: no lone CR or LF, no long line; and ASCII, for a server without 8BITMIME.
#[test]
fn any_text_becomes_lines_that_every_server_takes() {
    let mut mail = mail();
    mail.content.subject = "Grüße \u{1f680} ".repeat(40);
    mail.content.text = format!(
        "a\rb\nc\r\nd\n.\n..\r\n{}\nЖ \u{0} ends in white \t",
        "long ".repeat(2000)
    );
    mail.content.html = "<p>王</p>".repeat(3000);
    let message = written(&mail, "Ämter, Nord <no-reply@id.example.org>");
    assert!(message.is_ascii());
    for line in message.split("\r\n") {
        assert!(line.len() <= 998, "{} bytes", line.len());
        assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
    }
    let parsed = MessageParser::default().parse(&message).unwrap();
    assert_eq!(parsed.subject().unwrap().trim_end(), mail.content.subject.trim_end());
    assert!(
        parsed
            .body_text(0)
            .unwrap()
            .starts_with("a\r\nb\r\nc\r\nd\r\n.\r\n..\r\nlong ")
    );
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), mail.content.html);
    assert_eq!(parsed.from().unwrap().first().unwrap().name(), Some("Ämter, Nord"));
}

#[test]
fn a29_nothing_in_a_mail_starts_a_header() {
    for end in ["\r\n", "\n", "\r", "\u{85}", "\u{2028}", "\0"] {
        let mut mail = mail();
        mail.content.subject = format!("Hello{end}Bcc: eve@evil.example{end}{end}<p>");
        let message = written(&mail, "Gatewright <no-reply@id.example.org>");
        assert!(
            !head(&message).split(['\r', '\n']).any(|line| line.starts_with("Bcc")),
            "{message}"
        );
        let parsed = MessageParser::default().parse(&message).unwrap();
        assert!(parsed.bcc().is_none(), "{message}");
        assert_eq!(parsed.body_html(0).unwrap().trim_end(), "<p>482913</p>");
    }
}

#[test]
fn a29_an_odd_local_part_or_name_stays_one_address() {
    let mut mail = mail();
    mail.to = EmailAddress::parse("!#$%&'*+/=?^_`{|}~-.a@example.org").unwrap();
    for name in [
        "\"a\\\" <eve@evil.example>, \"",
        "a, b; c",
        "<eve@evil.example>",
        "=?utf-8?Q?x?= ",
    ] {
        let message = written(&mail, &format!("{name} <no-reply@id.example.org>"));
        let parsed = MessageParser::default().parse(&message).unwrap();
        let from = parsed.from().unwrap().clone().into_list();
        assert_eq!(from.len(), 1, "{message}");
        assert_eq!(from[0].address(), Some("no-reply@id.example.org"), "{message}");
        let to = parsed.to().unwrap().clone().into_list();
        assert_eq!(to[0].address(), Some(mail.to.as_str()), "{message}");
    }
}
