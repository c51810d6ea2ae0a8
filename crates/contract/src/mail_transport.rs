//! The contract of [`MailTransport`].

use crate::race::all_at_once;
use crate::running::run;
use crate::samples::{NOON, email, mail};
use gatewright_application::mail::content::RenderedMail;
use gatewright_application::ports::mail_transport::{MailTransport, OutgoingMail};
use std::sync::Arc;

/// What every case gets.
#[derive(Clone)]
struct Subject {
    transport: Arc<dyn MailTransport>,
    arrived: Arc<dyn Fn() -> usize + Send + Sync>,
}

/// Runs every case on a transport that works. `arrived` tells how many mails have come out at its other end.
pub async fn suite(transport: Arc<dyn MailTransport>, arrived: impl Fn() -> usize + Send + Sync + 'static) {
    let subject = Subject {
        transport,
        arrived: Arc::new(arrived),
    };
    run(each_mail_arrives, subject.clone()).await;
    run(the_same_mail_again_is_harmless, subject.clone()).await;
    run(a_mail_with_strange_text_arrives, subject.clone()).await;
    run(simultaneous_mails_all_arrive, subject).await;
}

async fn each_mail_arrives(subject: Subject) {
    let before = subject.arrived();
    for number in [1, 2] {
        subject.transport.send(&outgoing(number)).await.unwrap();
    }
    assert_eq!(subject.arrived() - before, 2);
}

/// Where the transport can tell, it arrives once.
async fn the_same_mail_again_is_harmless(subject: Subject) {
    let before = subject.arrived();
    for _ in 0..3 {
        subject.transport.send(&outgoing(3)).await.unwrap();
    }
    assert!((1..=3).contains(&(subject.arrived() - before)));
}

async fn a_mail_with_strange_text_arrives(subject: Subject) {
    let before = subject.arrived();
    let strange = OutgoingMail {
        to: email("o'neil+tag@Bücher.example"),
        content: RenderedMail {
            subject: "Grüße \u{1f680} ".repeat(30),
            text: format!(".\r\n..\nFrom me\n{}", "long ".repeat(1000)),
            html: "<p>王 &amp; <b>\u{1f680}</b></p>".to_owned(),
        },
        ..outgoing(4)
    };
    subject.transport.send(&strange).await.unwrap();
    assert_eq!(subject.arrived() - before, 1);
}

async fn simultaneous_mails_all_arrive(subject: Subject) {
    let before = subject.arrived();
    let answers = all_at_once(20, |number| {
        let (transport, number) = (Arc::clone(&subject.transport), u32::try_from(number).unwrap());
        async move { transport.send(&outgoing(100 + number)).await }
    });
    assert_eq!(answers.await, vec![Ok(()); 20]);
    assert_eq!(subject.arrived() - before, 20);
}

impl Subject {
    fn arrived(&self) -> usize {
        (self.arrived)()
    }
}

fn outgoing(number: u32) -> OutgoingMail {
    let mail = mail(number);
    OutgoingMail {
        id: mail.id,
        to: mail.to,
        written_at: NOON,
        content: RenderedMail {
            subject: format!("Mail {number}"),
            text: "Hello".to_owned(),
            html: "<p>Hello</p>".to_owned(),
        },
    }
}
