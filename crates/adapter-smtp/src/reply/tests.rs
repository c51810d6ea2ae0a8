use super::*;
use gatewright_application::mail::content::RenderedMail;
use gatewright_application::mail::outbox_mail::MailId;
use gatewright_domain::account::email::EmailAddress;
use time::macros::datetime;
use uuid::Uuid;

fn mail() -> OutgoingMail {
    OutgoingMail {
        id: MailId(Uuid::nil()),
        to: EmailAddress::parse("Ann.Lee@example.org").unwrap(),
        written_at: datetime!(2026-11-21 06:14:07 UTC),
        content: RenderedMail {
            subject: "Your code is 482913".to_owned(),
            text: "https://id.example.org/verify?token=kJ3-x_9aBcD".to_owned(),
            html: String::new(),
        },
    }
}

fn reply(message: &str) -> Response<String> {
    Response {
        code: 550,
        esc: [5, 1, 1],
        message: message.to_owned(),
    }
}

#[test]
fn codes_and_text_are_kept_on_one_line() {
    assert_eq!(
        told(&reply("No such\r\n user\u{1b}[2J"), None),
        "550 5.1.1 No such user [2J"
    );
    let plain = Response {
        code: 421,
        esc: [0; 3],
        message: String::new(),
    };
    assert_eq!(told(&plain, None), "421");
}

#[test]
fn a_recipient_is_not_kept() {
    let told = told(
        &reply("<ann.lee@EXAMPLE.org>: Recipient address rejected"),
        Some(&mail()),
    );
    assert_eq!(told, "550 5.1.1 … Recipient address rejected");
}

#[test]
fn codes_and_links_of_the_mail_are_not_kept() {
    for quote in [
        "482913",
        "\"482913\",",
        "code=482913",
        "https://id.example.org/verify?token=kJ3-x_9aBcD",
        "token=kJ3-x_9aBcD",
        "hxxp://elsewhere.example",
    ] {
        let told = told(&reply(&format!("spam {quote} see RFC5321")), Some(&mail()));
        assert_eq!(told, "550 5.1.1 spam … see RFC5321", "{quote}");
    }
}

#[test]
fn a_long_text_is_cut() {
    assert_eq!(
        told(&reply(&"é ".repeat(1000)), None).chars().count(),
        "550 5.1.1 ".len() + MAX_TEXT - 1
    );
}
