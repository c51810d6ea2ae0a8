//! Connections: how many, how long, and how often they are used.

use crate::mailbox::{plain, received_once};
use crate::scripted_server::{ScriptedServer, Talk};
use crate::{PATIENCE, mail_to, options, pass, reason, transport};
use gatewright_adapter_smtp::smtp_transport::{SmtpOptions, SmtpTransport};
use gatewright_application::ports::mail_transport::{MailTransport, MailTransportError, OutgoingMail};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

fn connections_of(mails: &[OutgoingMail]) -> BTreeSet<String> {
    let connections = mails
        .iter()
        .map(|mail| received_once(mail).header("X-Connection").to_owned());
    connections.collect()
}

#[tokio::test]
async fn one_mail_after_the_other_takes_one_connection_and_after_a_hundred_another() {
    let transport = transport(&plain());
    let mails: Vec<OutgoingMail> = (0..101).map(|_| mail_to("ann")).collect();
    for mail in &mails {
        transport.send(mail).await.unwrap();
    }
    assert_eq!(connections_of(&mails[..100]).len(), 1);
    assert_eq!(connections_of(&mails).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_mails_share_the_connections_that_are_allowed() {
    let transport = SmtpTransport::new(SmtpOptions {
        connections: 3,
        ..options(&plain())
    });
    let transport = Arc::new(transport.unwrap());
    assert_eq!(transport.concurrency(), 3);
    let mails: Vec<OutgoingMail> = (0..30).map(|_| mail_to("ann")).collect();
    let mut sends = JoinSet::new();
    for mail in mails.clone() {
        let transport = Arc::clone(&transport);
        sends.spawn(async move { transport.send(&mail).await });
    }
    assert_eq!(sends.join_all().await, vec![Ok(()); 30]);
    assert!(connections_of(&mails).len() <= 3);
}

/// Tells the test every line it hears, and answers each with yes.
async fn telling_server() -> (ScriptedServer, mpsc::UnboundedReceiver<String>) {
    let (tell, told) = mpsc::unbounded_channel();
    let server = ScriptedServer::start(move |_, mut talk| {
        let tell = tell.clone();
        async move {
            talk.begin(&[]).await;
            loop {
                let heard = talk.hear().await;
                let _ = tell.send(heard.clone());
                match heard.as_str() {
                    "" => return,
                    "DATA" => {
                        talk.say("354 go on\r\n").await;
                        talk.message().await.unwrap();
                        talk.say("250 taken\r\n").await;
                    }
                    _ => talk.say("250 ok\r\n").await,
                }
            }
        }
    });
    (server.await, told)
}

async fn next_of(told: &mut mpsc::UnboundedReceiver<String>) -> String {
    tokio::time::timeout(PATIENCE, told.recv()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_connection_that_was_idle_is_asked_for_a_sign_of_life() {
    let (server, mut told) = telling_server().await;
    let transport = transport(&server.url());
    transport.send(&mail_to("ann")).await.unwrap();
    transport.send(&mail_to("ann")).await.unwrap();
    pass(Duration::from_secs(3)).await;
    transport.send(&mail_to("ann")).await.unwrap();
    let mut commands = Vec::new();
    for _ in 0..10 {
        commands.push(next_of(&mut told).await[..4].to_owned());
    }
    assert_eq!(
        commands,
        [
            "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA", "NOOP", "MAIL", "RCPT", "DATA"
        ]
    );
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_stays_idle_is_closed_with_a_goodbye() {
    let (server, mut told) = telling_server().await;
    let transport = transport(&server.url());
    transport.send(&mail_to("ann")).await.unwrap();
    for _ in 0..3 {
        next_of(&mut told).await;
    }
    pass(Duration::from_secs(31)).await;
    assert_eq!(next_of(&mut told).await, "QUIT");
    transport.send(&mail_to("ann")).await.unwrap();
    assert_eq!(server.connections(), 2);
}

/// Reads the three commands before it answers any.
async fn pipelined(talk: &mut Talk, answers: &str) {
    for command in ["MAIL FROM:<no-reply@id.example.org>", "RCPT TO:<", "DATA"] {
        talk.expect(command, "").await;
    }
    talk.say(answers).await;
}

#[tokio::test]
async fn where_a_server_lets_us_the_commands_go_together() {
    let server = ScriptedServer::start(|_, mut talk| async move {
        talk.begin(&["PIPELINING"]).await;
        for _ in 0..2 {
            pipelined(&mut talk, "250 ok\r\n250 ok\r\n354 go on\r\n").await;
            talk.message().await.unwrap();
            talk.say("250 taken\r\n").await;
        }
    });
    let server = server.await;
    let transport = transport(&server.url());
    transport.send(&mail_to("ann")).await.unwrap();
    transport.send(&mail_to("ann")).await.unwrap();
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_recipient_that_is_refused_among_commands_that_went_together_gets_no_message() {
    for (data, connections) in [("503 5.5.1 nobody to send to", 1), ("354 go on", 2)] {
        let server = ScriptedServer::start(move |number, mut talk| async move {
            talk.begin(&["PIPELINING"]).await;
            if number == 1 {
                pipelined(&mut talk, &format!("250 ok\r\n550 5.1.1 nobody\r\n{data}\r\n")).await;
                if data.starts_with("354") {
                    assert!(talk.message().await.is_none());
                    return;
                }
                talk.expect("RSET", "250 ok\r\n").await;
            }
            pipelined(&mut talk, "250 ok\r\n250 ok\r\n354 go on\r\n").await;
            talk.message().await.unwrap();
            talk.say("250 taken\r\n").await;
        });
        let server = server.await;
        let transport = transport(&server.url());
        let refused = transport.send(&mail_to("ann")).await;
        let told = "RCPT TO: 550 5.1.1 nobody".to_owned();
        assert_eq!(refused, Err(MailTransportError::Permanent(told)));
        transport.send(&mail_to("ann")).await.unwrap();
        assert_eq!(server.connections(), connections);
        drop(transport);
        server.finish().await;
    }
}

#[tokio::test]
async fn a_connection_whose_mail_is_given_up_half_way_is_not_used_again() {
    let begun = Arc::new(Notify::new());
    let tell = Arc::clone(&begun);
    let server = ScriptedServer::start(move |number, mut talk| {
        let tell = Arc::clone(&tell);
        async move {
            talk.begin(&[]).await;
            if number == 1 {
                talk.expect("MAIL", "").await;
                tell.notify_one();
                talk.fall_silent().await;
            } else {
                talk.take_mail().await;
            }
        }
    });
    let server = server.await;
    let transport = transport(&server.url());
    let mail = mail_to("ann");
    tokio::select! {
        // As when whoever sends is dropped.
        () = begun.notified() => {}
        outcome = transport.send(&mail) => panic!("{outcome:?}"),
    }
    transport.send(&mail).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn an_answer_that_is_no_answer_ends_the_connection() {
    let server = ScriptedServer::start(|_, mut talk| async move {
        talk.begin(&[]).await;
        talk.expect("MAIL", "HTTP/1.1 400 Bad Request\r\n\r\n").await;
        talk.expect_no_more().await;
    });
    let server = server.await;
    let told = reason(transport(&server.url()).send(&mail_to("ann")).await);
    assert!(told.starts_with("MAIL FROM: "), "{told}");
    server.finish().await;
}
