//! What `/health/ready` is told.

use crate::mailbox::{authorities, plain, with_login};
use crate::scripted_server::ScriptedServer;
use crate::{PATIENCE, mail_to, options, transport};
use gatewright_adapter_smtp::smtp_transport::{SmtpOptions, SmtpTransport};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use gatewright_application::ports::mail_transport::MailTransport;
use std::sync::Arc;

fn reason(answer: Result<(), PortError>) -> String {
    let PortError::Unavailable { dependency, reason } = answer.unwrap_err() else {
        panic!();
    };
    assert_eq!(dependency, "mail");
    reason
}

#[tokio::test]
async fn a_server_that_takes_us_works() {
    let transport = transport(&plain());
    assert_eq!(transport.name(), "mail");
    transport.check().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_shows_before_any_mail() {
    let transport = SmtpTransport::new(SmtpOptions {
        authorities_file: Some(authorities()),
        ..options(&with_login("IMPLICIT", "implicit").replace("%20for%20", "s3cr3t"))
    });
    let told = reason(transport.unwrap().check().await);
    assert!(told.starts_with("AUTH: 535"), "{told}");
}

#[tokio::test]
async fn checks_in_a_row_ask_the_server_once() {
    let server = ScriptedServer::start(|_, mut talk| async move {
        talk.begin(&[]).await;
        talk.expect_no_more().await;
    });
    let server = server.await;
    let transport = transport(&server.url());
    for _ in 0..20 {
        transport.check().await.unwrap();
    }
    assert_eq!(server.connections(), 1);
    drop(transport);
    server.finish().await;
}

#[tokio::test]
async fn a_mail_that_fails_on_the_connection_shows_and_one_that_is_refused_does_not() {
    let transport = transport(&plain());
    transport.send(&mail_to("permfail")).await.unwrap_err();
    transport.check().await.unwrap();

    let server = ScriptedServer::start(|_, mut talk| async move { talk.say("554 no service\r\n").await });
    let transport = crate::transport(&server.await.url());
    transport.send(&mail_to("ann")).await.unwrap_err();
    assert_eq!(reason(transport.check().await), "greeting: 554 no service");
}

#[tokio::test]
async fn a_slow_server_does_not_slow_the_answer_down_and_counts_when_it_answers() {
    let answer = Arc::new(tokio::sync::Notify::new());
    let waits = Arc::clone(&answer);
    let server = ScriptedServer::start(move |_, mut talk| {
        let waits = Arc::clone(&waits);
        async move {
            waits.notified().await;
            talk.begin(&[]).await;
            talk.fall_silent().await;
        }
    });
    let transport = transport(&server.await.url());
    let checked = tokio::time::timeout(PATIENCE / 4, transport.check()).await;
    assert_eq!(
        reason(checked.expect("the check waits for the server")),
        "no answer yet"
    );
    answer.notify_one();
    let works = async { while transport.check().await.is_err() {} };
    tokio::time::timeout(PATIENCE, works).await.unwrap();
}
