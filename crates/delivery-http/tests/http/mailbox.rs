//! The mailbox of a machine under development.

use crate::world::{Setup, World};
use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_delivery_http::development::{DevelopmentMail, DevelopmentMailbox, MailSummary};
use std::sync::Arc;
use time::macros::datetime;

struct OneMail;

fn mail() -> DevelopmentMail {
    DevelopmentMail {
        summary: MailSummary {
            id: "01.eml".into(),
            to: "ann@example.org".into(),
            subject: "<b>Your code</b>".into(),
            written_at: datetime!(2025-03-01 12:00 UTC),
        },
        text: "123456 & <more>".into(),
        html: "<p style=\"color:red\">123456</p>".into(),
    }
}

#[async_trait]
impl DevelopmentMailbox for OneMail {
    async fn list(&self) -> Result<Vec<MailSummary>, PortError> {
        Ok(vec![mail().summary])
    }

    async fn read(&self, id: &str) -> Result<Option<DevelopmentMail>, PortError> {
        assert!(!id.contains(['/', '\\', '\0']) && !id.starts_with('.'), "{id}");
        Ok((id == "01.eml").then(mail))
    }
}

fn with_mailbox() -> World {
    World::with(Setup {
        mailbox: Some(Arc::new(OneMail)),
        ..Setup::default()
    })
}

#[actix_web::test]
async fn mails_are_listed_and_shown() {
    let world = with_mailbox();
    let list = world.get("/dev/mail").await.expect(200);
    assert!(list.text.contains("href=\"/dev/mail/01.eml\""), "{}", list.text);
    assert!(list.text.contains("&lt;b&gt;Your code"), "{}", list.text);
    let mail = world.get("/dev/mail/01.eml").await.expect(200);
    assert!(mail.text.contains("123456 &amp; &lt;more&gt;"), "{}", mail.text);
    assert!(mail.text.contains("src=\"/dev/mail/01.eml/html\""), "{}", mail.text);
}

#[actix_web::test]
async fn the_html_of_a_mail_runs_nothing_and_loads_nothing() {
    let html = with_mailbox().get("/dev/mail/01.eml/html").await.expect(200);
    let policy = html.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && policy.contains("sandbox"),
        "{policy}"
    );
    assert!(
        !policy.contains("allow-scripts") && !policy.contains("allow-same-origin"),
        "{policy}"
    );
    assert!(html.text.ends_with("<p style=\"color:red\">123456</p>"));
}

#[actix_web::test]
async fn an_id_is_never_a_way_out_of_the_folder() {
    let world = with_mailbox();
    for id in [
        "02.eml",
        "..",
        "%2e%2e",
        "..%2f..%2fetc%2fpasswd",
        ".hidden",
        "a%00",
        "a%5cb",
    ] {
        world
            .get(&format!("/dev/mail/{id}"))
            .await
            .expect_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn a90_without_a_mailbox_there_are_no_such_pages() {
    let world = World::new();
    for path in ["/dev/mail", "/dev/mail/01.eml", "/dev/mail/01.eml/html"] {
        world.get(path).await.expect_problem(404, "not_found");
    }
}
