//! The fakes keep the contract of every port, like any adapter.

use async_trait::async_trait;
use gatewright_application::audit::AuditEvent;
use gatewright_application::mail::outbox_mail::{MailId, SealedContent};
use gatewright_contract::storage::{Inspection, Storage};
use gatewright_fakes::memory_store::MemoryStore;
use std::sync::Arc;

async fn storage() -> Storage {
    let store = Arc::new(MemoryStore::default());
    Storage {
        users: store.clone(),
        registrations: store.clone(),
        challenges: store.clone(),
        sessions: store.clone(),
        attempt_counters: store.clone(),
        changes: store.clone(),
        outbox: store.clone(),
        inspection: Arc::new(LookingIn(store)),
    }
}

struct LookingIn(Arc<MemoryStore>);

#[async_trait]
impl Inspection for LookingIn {
    async fn holds_audit_event(&self, event: &AuditEvent) -> bool {
        self.0.audit_trail().contains(event)
    }

    async fn sealed_content(&self, id: MailId) -> Option<SealedContent> {
        let mail = self.0.mails().into_iter().find(|mail| mail.id == id)?;
        Some(mail.content).filter(|content| !content.0.is_empty())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_keep_the_contract() {
    gatewright_contract::users::suite(storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_keep_the_contract() {
    gatewright_contract::registrations::suite(storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn challenges_keep_the_contract() {
    gatewright_contract::challenges::suite(storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_keep_the_contract() {
    gatewright_contract::sessions::suite(storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempt_counters_keep_the_contract() {
    gatewright_contract::attempt_counters::suite(storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_keep_the_contract() {
    gatewright_contract::changes::suite(storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_keeps_the_contract() {
    gatewright_contract::outbox::suite(storage).await;
}
