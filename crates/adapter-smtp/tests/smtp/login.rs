//! Proving who we are.

use crate::mailbox::{authorities, exported, received_once, with_login};
use crate::scripted_server::ScriptedServer;
use crate::{mail_to, options, reason, transport};
use gatewright_adapter_smtp::smtp_transport::{SmtpOptions, SmtpTransport};
use gatewright_application::ports::mail_transport::MailTransport;

fn over_tls(url: &str) -> SmtpTransport {
    SmtpTransport::new(SmtpOptions {
        authorities_file: Some(authorities()),
        ..options(url)
    })
    .unwrap()
}

#[tokio::test]
async fn the_right_password_is_taken_over_each_kind_of_connection() {
    for (listener, tls) in [("STARTTLS", "starttls"), ("IMPLICIT", "implicit"), ("PLAIN", "none")] {
        let mail = mail_to("ann");
        over_tls(&with_login(listener, tls)).send(&mail).await.unwrap();
        let received = received_once(&mail);
        assert_eq!(received.header("X-Authenticated-As"), exported("USER"), "{listener}");
    }
}

#[tokio::test]
async fn a_wrong_password_parks_no_mail_and_is_not_told() {
    let mail = mail_to("ann");
    let url = with_login("STARTTLS", "starttls").replace("%20for%20", "s3cr3t");
    let told = reason(over_tls(&url).send(&mail).await);
    assert!(told.starts_with("AUTH: 535"), "{told}");
    assert!(!told.contains("s3cr3t"), "{told}");
}

#[tokio::test]
async fn a_server_that_wants_a_password_and_gets_none_parks_no_mail() {
    let url = format!("smtp://{}?tls=implicit", exported("IMPLICIT"));
    let told = reason(over_tls(&url).send(&mail_to("ann")).await);
    assert!(told.starts_with("MAIL FROM: 530"), "{told}");
}

/// Servers offer what mail-send cannot do; it is not begun.
#[tokio::test]
async fn login_is_chosen_among_what_is_offered() {
    let server = ScriptedServer::start(|_, mut talk| async move {
        talk.begin(&["AUTH DIGEST-MD5 CRAM-MD5 SCRAM-SHA-256 LOGIN"]).await;
        talk.expect("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n").await;
        talk.expect("YW5u", "334 UGFzc3dvcmQ6\r\n").await;
        talk.expect("czNjcjN0", "235 welcome\r\n").await;
        talk.take_mail().await;
    });
    let url = server.await.url_with("ann:s3cr3t@", "none");
    transport(&url).send(&mail_to("ann")).await.unwrap();
}

#[tokio::test]
async fn a_password_is_not_given_to_a_server_that_asks_for_none() {
    let server = ScriptedServer::start(|_, mut talk| async move {
        talk.begin(&["AUTH DIGEST-MD5"]).await;
        talk.expect_no_more().await;
    });
    let server = server.await;
    let url = server.url_with("ann:s3cr3t@", "none");
    let told = reason(transport(&url).send(&mail_to("ann")).await);
    assert!(told.contains("neither AUTH PLAIN nor AUTH LOGIN"), "{told}");
    server.finish().await;
}

#[tokio::test]
async fn a_server_that_echoes_the_password_does_not_put_it_into_the_reason() {
    let server = ScriptedServer::start(|_, mut talk| async move {
        talk.begin(&["AUTH PLAIN"]).await;
        let heard = talk.hear().await;
        talk.say(&format!("501 5.5.4 cannot read {heard}\r\n")).await;
    });
    let url = server.await.url_with("ann:s3cr3t@", "none");
    assert_eq!(reason(transport(&url).send(&mail_to("ann")).await), "AUTH: 501 5.5.4");
}
