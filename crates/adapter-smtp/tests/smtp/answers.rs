//! What a server says about a mail, and what becomes of it (F15).

use crate::mailbox::{plain, received, received_once};
use crate::scripted_server::ScriptedServer;
use crate::{PATIENCE, impatient, mail_to, options, pass, reason, transport};
use gatewright_adapter_smtp::smtp_transport::{SmtpOptions, SmtpTransport};
use gatewright_application::ports::mail_transport::{MailTransport, MailTransportError};
use std::sync::Arc;
use tokio::sync::{Notify, oneshot};

#[tokio::test]
async fn f15_a_no_for_now_is_temporary_and_tells_the_codes() {
    let transport = transport(&plain());
    for asked in ["tempfail", "datafail"] {
        let told = reason(transport.send(&mail_to(asked)).await);
        assert!(told.ends_with("451 4.3.0 not now"), "{told}");
    }
    let told = reason(transport.send(&mail_to("closing")).await);
    assert_eq!(told, "RCPT TO: 421 4.3.2 closing");
}

#[tokio::test]
async fn f15_a_no_for_good_is_permanent_and_tells_the_codes() {
    let transport = transport(&plain());
    for (asked, told) in [
        ("permfail", "RCPT TO: 550 5.1.1 no such mailbox"),
        ("datareject", "after the data: 554 5.6.0 refused"),
    ] {
        let error = transport.send(&mail_to(asked)).await.unwrap_err();
        assert_eq!(error, MailTransportError::Permanent(told.to_owned()));
    }
}

#[tokio::test]
async fn a_refused_mail_leaves_its_connection_to_the_next() {
    let transport = SmtpTransport::new(SmtpOptions {
        connections: 1,
        ..options(&plain())
    });
    let transport = transport.unwrap();
    let first = mail_to("ann");
    transport.send(&first).await.unwrap();
    for asked in ["tempfail", "permfail", "datafail", "datareject"] {
        transport.send(&mail_to(asked)).await.unwrap_err();
        let next = mail_to("ann");
        transport.send(&next).await.unwrap();
        let connection = |mail| received_once(mail).header("X-Connection").to_owned();
        assert_eq!(connection(&next), connection(&first), "{asked}");
    }
}

#[tokio::test]
async fn a_mail_that_was_refused_for_now_arrives_at_a_later_try() {
    let (transport, mail) = (transport(&plain()), mail_to("tempfail-1"));
    transport.send(&mail).await.unwrap_err();
    transport.send(&mail).await.unwrap();
    received_once(&mail);
}

#[tokio::test]
async fn f15_a_server_that_does_not_answer_is_given_up() {
    let mail = mail_to("hang");
    let told = reason(impatient(&plain()).send(&mail).await);
    assert_eq!(told, "RCPT TO: no answer in time");
    assert_eq!(received(&mail).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f15_a_mail_that_the_server_stalls_leaves_the_other_connections_to_the_others() {
    let transport = Arc::new(transport(&plain()));
    let stalled = Arc::clone(&transport);
    let stalled = tokio::spawn(async move { stalled.send(&mail_to("hang")).await });
    for _ in 0..5 {
        let mail = mail_to("ann");
        transport.send(&mail).await.unwrap();
        received_once(&mail);
    }
    assert!(!stalled.is_finished());
    stalled.abort();
}

/// Where the conversation is when the server falls silent.
#[derive(Clone, Copy, Debug)]
enum Silence {
    Greeting,
    Hello,
    Sender,
    Data,
    Message,
}

async fn silent_server(at: Silence) -> ScriptedServer {
    ScriptedServer::start(move |_, mut talk| async move {
        match at {
            Silence::Greeting => {}
            Silence::Hello => talk.say("220 hello\r\n").await,
            Silence::Sender => talk.begin(&[]).await,
            Silence::Data => {
                talk.begin(&[]).await;
                talk.expect("MAIL", "250 ok\r\n").await;
                talk.expect("RCPT", "250 ok\r\n").await;
            }
            Silence::Message => {
                talk.begin(&[]).await;
                talk.envelope().await;
            }
        }
        talk.fall_silent().await;
    })
    .await
}

#[tokio::test]
async fn every_step_has_a_time_limit() {
    for (at, step) in [
        (Silence::Greeting, "greeting"),
        (Silence::Hello, "EHLO"),
        (Silence::Sender, "MAIL FROM"),
        (Silence::Data, "DATA"),
        (Silence::Message, "after the data"),
    ] {
        let server = silent_server(at).await;
        let told = reason(impatient(&server.url()).send(&mail_to("ann")).await);
        assert_eq!(told, format!("{step}: no answer in time"));
    }
}

#[tokio::test]
async fn the_answer_to_the_message_may_take_longer_than_any_other() {
    let (heard, answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (Arc::clone(&heard), Arc::clone(&answer));
    let server = ScriptedServer::start(move |_, mut talk| {
        let (tell, wait) = (Arc::clone(&tell), Arc::clone(&wait));
        async move {
            talk.begin(&[]).await;
            talk.envelope().await;
            talk.message().await.unwrap();
            tell.notify_one();
            wait.notified().await;
            talk.say("250 taken\r\n").await;
        }
    });
    let transport = transport(&server.await.url());
    let mail = mail_to("ann");
    let much_later = async {
        heard.notified().await;
        pass(2 * PATIENCE).await;
        answer.notify_one();
    };
    let (sent, ()) = tokio::join!(transport.send(&mail), much_later);
    sent.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_matter_of_time() {
    // A port that was free a moment ago.
    let port = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let told = reason(
        transport(&format!("smtp://127.0.0.1:{port}?tls=none"))
            .send(&mail_to("ann"))
            .await,
    );
    assert!(told.starts_with("connecting: "), "{told}");
}

#[tokio::test]
async fn a_refusal_before_a_recipient_was_named_parks_no_mail() {
    for (greeting, answer, told) in [
        ("554 5.3.2 no service", "", "greeting: 554 5.3.2 no service"),
        ("220 hello", "550 5.7.1 who are you", "EHLO: 550 5.7.1 who are you"),
    ] {
        let server = ScriptedServer::start(move |_, mut talk| async move {
            talk.say(&format!("{greeting}\r\n")).await;
            talk.expect("EHLO", &format!("{answer}\r\n")).await;
        });
        assert_eq!(reason(transport(&server.await.url()).send(&mail_to("ann")).await), told);
    }
    let server = ScriptedServer::start(|_, mut talk| async move {
        talk.begin(&[]).await;
        talk.expect("MAIL", "553 5.7.1 not your address\r\n").await;
    });
    let told = reason(transport(&server.await.url()).send(&mail_to("ann")).await);
    assert_eq!(told, "MAIL FROM: 553 5.7.1 not your address");
}

#[tokio::test]
async fn a_message_arrives_as_it_was_sent() {
    let (sent, heard) = oneshot::channel();
    let sent = Arc::new(std::sync::Mutex::new(Some(sent)));
    let server = ScriptedServer::start(move |_, mut talk| {
        let sent = Arc::clone(&sent);
        async move {
            talk.begin(&[]).await;
            talk.envelope().await;
            let lines = talk.message().await.unwrap();
            talk.say("250 taken\r\n").await;
            sent.lock().unwrap().take().unwrap().send(lines).unwrap();
        }
    });
    transport(&server.await.url()).send(&mail_to("ann")).await.unwrap();
    let lines = heard.await.unwrap();
    assert!(
        lines
            .iter()
            .all(|line| line.ends_with("\r\n") && !line[..line.len() - 2].contains(['\r', '\n']))
    );
    assert!(
        lines.contains(&"..\r\n".to_owned()),
        "a line of one dot is doubled (RFC 5321 §4.5.2)"
    );
    assert!(lines.contains(&"...two\r\n".to_owned()));
}
