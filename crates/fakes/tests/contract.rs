//! The fakes keep the contract of every port, like any adapter.

use async_trait::async_trait;
use gatewright_application::audit::AuditEvent;
use gatewright_application::mail::content::MailContent;
use gatewright_application::mail::outbox_mail::{MailId, SealedContent};
use gatewright_application::ports::announcements::Announcements;
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::rate_limiter::RateLimiter;
use gatewright_application::ports::signing_key_rotation::SigningKeyRotation;
use gatewright_contract::announcements::Processes;
use gatewright_contract::maintenance_storage::MaintenanceStorage;
use gatewright_contract::samples::NOON;
use gatewright_contract::storage::{Inspection, Storage};
use gatewright_domain::Timestamp;
use gatewright_fakes::announcements::AnnouncementHub;
use gatewright_fakes::dated_keys::DatedKeys;
use gatewright_fakes::manual_clock::ManualClock;
use gatewright_fakes::memory_store::MemoryStore;
use gatewright_fakes::plain_access_tokens::PlainAccessTokens;
use gatewright_fakes::plain_digests::PlainDigests;
use gatewright_fakes::plain_password_hasher::PlainPasswordHasher;
use gatewright_fakes::plain_refresh_tokens::PlainRefreshTokens;
use gatewright_fakes::plain_renderer::PlainRenderer;
use gatewright_fakes::plain_sealer::PlainSealer;
use gatewright_fakes::rate_limiter::ListedRates;
use gatewright_fakes::recording_transport::RecordingTransport;
use gatewright_fakes::remembered_identities::ListedIdentities;
use gatewright_fakes::scripted_secrets::ScriptedSecrets;
use std::sync::Arc;
use time::Duration;
use tokio::time::Instant;

async fn storage() -> Storage {
    over(&Arc::default())
}

fn over(store: &Arc<MemoryStore>) -> Storage {
    Storage {
        users: store.clone(),
        registrations: store.clone(),
        challenges: store.clone(),
        sessions: store.clone(),
        attempt_counters: store.clone(),
        changes: store.clone(),
        outbox: store.clone(),
        inspection: Arc::new(LookingIn(store.clone())),
    }
}

async fn maintenance_storage() -> MaintenanceStorage {
    let store = Arc::new(MemoryStore::default());
    MaintenanceStorage {
        storage: over(&store),
        jobs: store.clone(),
        expired_rows: store,
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
        Some(mail.content)
    }

    async fn recipient(&self, id: MailId) -> Option<String> {
        let mail = self.0.mails().into_iter().find(|mail| mail.id == id)?;
        Some(mail.to.as_str().to_owned())
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

#[tokio::test(flavor = "multi_thread")]
async fn jobs_keep_the_contract() {
    gatewright_contract::jobs::suite(maintenance_storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_run_as_if_by_several_processes() {
    let processes = || async {
        let process = maintenance_storage().await;
        [process.clone(), process.clone(), process]
    };
    gatewright_contract::run_job::suite(processes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_rows_keep_the_contract() {
    gatewright_contract::expired_rows::suite(maintenance_storage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_key_rotation_keeps_the_contract() {
    let fresh = || async { Arc::new(DatedKeys::made_at(NOON)) as Arc<dyn SigningKeyRotation> };
    gatewright_contract::signing_key_rotation::suite(fresh).await;
}

#[test]
fn the_clock_keeps_the_contract() {
    gatewright_contract::clock::suite(&ManualClock::default());
}

#[test]
fn secrets_keep_the_contract() {
    gatewright_contract::secrets::suite(&ScriptedSecrets::default());
}

#[test]
fn digests_keep_the_contract() {
    gatewright_contract::digests::suite(&PlainDigests::default(), &PlainDigests::under("their key"));
}

#[test]
fn refresh_tokens_keep_the_contract() {
    let theirs = PlainRefreshTokens::under("their key");
    gatewright_contract::refresh_tokens::suite(&PlainRefreshTokens::default(), &theirs);
}

#[test]
fn access_tokens_keep_the_contract() {
    let (ours, theirs) = (PlainAccessTokens::default(), PlainAccessTokens::default());
    gatewright_contract::access_tokens::suite(&ours, &theirs, NOON);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_hasher_keeps_the_contract() {
    let (current, former) = (PlainPasswordHasher::of_version(2), PlainPasswordHasher::of_version(1));
    gatewright_contract::password_hasher::suite(Arc::new(current), Arc::new(former)).await;
}

#[test]
fn remembered_identities_keep_the_contract() {
    gatewright_contract::remembered_identities::suite(ListedIdentities::default);
    gatewright_contract::remembered_identities::stays_bounded(&ListedIdentities::at_most(10), 10);
}

/// Moves on by itself, for what is waited for.
struct Stopwatch(Instant);

impl Clock for Stopwatch {
    fn now(&self) -> Timestamp {
        NOON + self.0.elapsed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_limiter_keeps_the_contract() {
    let fresh = || async {
        let rates: Arc<dyn RateLimiter> = Arc::new(ListedRates::by(Arc::new(Stopwatch(Instant::now()))));
        vec![rates]
    };
    gatewright_contract::rate_limiter::suite(fresh).await;
}

struct Joined(AnnouncementHub);

#[async_trait]
impl Processes for Joined {
    async fn start(&self) -> Arc<dyn Announcements> {
        self.0.join()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn announcements_keep_the_contract() {
    let fresh = || async { Arc::new(Joined(AnnouncementHub::default())) as Arc<dyn Processes> };
    gatewright_contract::announcements::suite(fresh, Duration::ZERO).await;
}

#[test]
fn the_mail_sealer_keeps_the_contract() {
    gatewright_contract::mail_sealer::suite(&PlainSealer::default(), &PlainSealer::under("their key"));
}

#[test]
fn the_mail_renderer_keeps_the_contract() {
    gatewright_contract::mail_renderer::suite(&PlainRenderer, |template| MailContent {
        template,
        values: [("code".to_owned(), "482913".to_owned())].into(),
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_transport_keeps_the_contract() {
    let transport = Arc::new(RecordingTransport::default());
    let sent = transport.clone();
    gatewright_contract::mail_transport::suite(transport, move || sent.sent().len()).await;
}
