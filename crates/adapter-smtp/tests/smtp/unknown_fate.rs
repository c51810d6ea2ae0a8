//! Connections that break, and what may be sent again after that.

use crate::mailbox::{plain, received};
use crate::scripted_server::ScriptedServer;
use crate::{mail_to, reason, transport};
use gatewright_application::ports::mail_transport::MailTransport;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test]
async fn a_mail_whose_answer_got_lost_may_come_twice_and_can_be_recognised() {
    let (transport, mail) = (transport(&plain()), mail_to("drop-1"));
    let told = reason(transport.send(&mail).await);
    assert!(told.starts_with("after the data: "), "{told}");
    transport.send(&mail).await.unwrap();
    let [first, second] = received(&mail).try_into().ok().unwrap();
    assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
    assert_eq!(first.message(), second.message());
}

/// A server that takes one mail on its first connection and then breaks off in some way; what follows is counted.
async fn breaking_after_a_mail(break_off: &'static str) -> (ScriptedServer, Arc<AtomicUsize>) {
    let messages = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&messages);
    let server = ScriptedServer::start(move |number, mut talk| {
        let counted = Arc::clone(&counted);
        async move {
            talk.begin(&[]).await;
            talk.take_mail().await;
            counted.fetch_add(1, Ordering::SeqCst);
            match (number, break_off) {
                (1, "at once") => {}
                (1, "at MAIL") => talk.expect("MAIL", "421 4.4.2 idle for too long\r\n").await,
                (1, "at DATA") => {
                    talk.expect("MAIL", "250 ok\r\n").await;
                    talk.expect("RCPT", "250 ok\r\n").await;
                    talk.expect("DATA", "").await;
                }
                (1, _) => {
                    talk.envelope().await;
                    talk.message().await.unwrap();
                    counted.fetch_add(1, Ordering::SeqCst);
                }
                _ => talk.fall_silent().await,
            }
        }
    });
    (server.await, messages)
}

#[tokio::test]
async fn a_used_connection_that_turns_out_dead_costs_no_try() {
    for break_off in ["at once", "at MAIL", "at DATA"] {
        let (server, messages) = breaking_after_a_mail(break_off).await;
        let transport = transport(&server.url());
        transport.send(&mail_to("ann")).await.unwrap();
        transport.send(&mail_to("ann")).await.unwrap();
        assert_eq!(
            (server.connections(), messages.load(Ordering::SeqCst)),
            (2, 2),
            "{break_off}"
        );
    }
}

#[tokio::test]
async fn f16_a_message_that_may_have_been_taken_is_not_sent_again_over_another_connection() {
    let (server, messages) = breaking_after_a_mail("after the message").await;
    let transport = transport(&server.url());
    transport.send(&mail_to("ann")).await.unwrap();
    let told = reason(transport.send(&mail_to("ann")).await);
    assert!(told.starts_with("after the data: "), "{told}");
    assert_eq!((server.connections(), messages.load(Ordering::SeqCst)), (1, 2));
}

#[tokio::test]
async fn a_new_connection_that_breaks_is_not_tried_again_at_once() {
    let server = ScriptedServer::start(|_, mut talk| async move {
        talk.begin(&[]).await;
        talk.hear().await;
    });
    let server = server.await;
    let told = reason(transport(&server.url()).send(&mail_to("ann")).await);
    assert!(told.starts_with("MAIL FROM: "), "{told}");
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn f16_a_mail_that_the_outbox_hands_out_again_is_not_sent_again() {
    let (transport, mail) = (transport(&plain()), mail_to("ann"));
    for _ in 0..3 {
        transport.send(&mail).await.unwrap();
    }
    assert_eq!(received(&mail).len(), 1);
}
