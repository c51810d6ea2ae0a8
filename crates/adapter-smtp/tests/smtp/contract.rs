//! The contract of the port, over every kind of connection.

use crate::mailbox::{all_received, authorities, plain, with_login};
use crate::options;
use gatewright_adapter_smtp::smtp_transport::{SmtpOptions, SmtpTransport};
use gatewright_application::mail::sender::Sender;
use gatewright_contract::mail_transport;
use std::sync::Arc;

async fn keeps_the_contract(url: &str, sender: &'static str) {
    let transport = SmtpTransport::new(SmtpOptions {
        sender: Sender::parse(sender).unwrap(),
        authorities_file: Some(authorities()),
        ..options(url)
    });
    let arrived = move || all_received(|mail| mail.header("X-Envelope-From") == sender).len();
    mail_transport::suite(Arc::new(transport.unwrap()), arrived).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_transport_keeps_the_contract_without_tls() {
    keeps_the_contract(&plain(), "plain@contract.example").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_transport_keeps_the_contract_over_starttls() {
    keeps_the_contract(&with_login("STARTTLS", "starttls"), "starttls@contract.example").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_transport_keeps_the_contract_over_implicit_tls() {
    keeps_the_contract(&with_login("IMPLICIT", "implicit"), "implicit@contract.example").await;
}
