//! The contract of the port that this crate implements.

use gatewright_adapter_outbox_file::file_mail_transport::FileMailTransport;
use gatewright_adapter_outbox_file::mail_folder::MailFolder;
use gatewright_application::mail::sender::Sender;
use gatewright_contract::mail_transport;
use std::sync::Arc;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread")]
async fn mail_transport_keeps_the_contract() {
    let directory = TempDir::new().unwrap();
    let sender = Sender::parse("Gatewright <no-reply@id.example.org>").unwrap();
    let transport = FileMailTransport::new(MailFolder::new(directory.path().to_owned()), sender);
    let arrived = move || std::fs::read_dir(directory.path()).unwrap().count();
    mail_transport::suite(Arc::new(transport), arrived).await;
}
