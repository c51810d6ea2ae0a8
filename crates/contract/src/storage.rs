//! What an adapter hands to the suites of the storage ports.

use async_trait::async_trait;
use gatewright_application::audit::AuditEvent;
use gatewright_application::mail::outbox_mail::{MailId, SealedContent};
use gatewright_application::ports::attempt_counters::AttemptCounters;
use gatewright_application::ports::challenges::Challenges;
use gatewright_application::ports::change::{Change, Changes};
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_application::ports::outbox::Outbox;
use gatewright_application::ports::registrations::Registrations;
use gatewright_application::ports::sessions::Sessions;
use gatewright_application::ports::users::Users;
use std::sync::Arc;

/// The storage ports of one adapter over one store. Whatever has to live as long as the store, such as a
/// temporary folder, belongs inside of one of them.
#[derive(Clone)]
pub struct Storage {
    /// Reads users.
    pub users: Arc<dyn Users>,
    /// Reads pending registrations.
    pub registrations: Arc<dyn Registrations>,
    /// Reads and claims challenges.
    pub challenges: Arc<dyn Challenges>,
    /// Reads sessions.
    pub sessions: Arc<dyn Sessions>,
    /// Takes from quotas.
    pub attempt_counters: Arc<dyn AttemptCounters>,
    /// Makes decisions so, for all of the others to see.
    pub changes: Arc<dyn Changes>,
    /// Hands mails to workers.
    pub outbox: Arc<dyn Outbox>,
    /// Looks at what the ports do not read back.
    pub inspection: Arc<dyn Inspection>,
}

/// Looks at what is stored and read back by no port: a plain query in the adapter's tests.
#[async_trait]
pub trait Inspection: Send + Sync {
    /// Whether exactly this event is in the audit trail, every field the same.
    async fn holds_audit_event(&self, event: &AuditEvent) -> bool;

    /// The sealed content that is stored of a mail; `None` where there is none.
    async fn sealed_content(&self, id: MailId) -> Option<SealedContent>;

    /// The address that is stored of a mail, to the letter; `None` where there is none.
    async fn recipient(&self, id: MailId) -> Option<String>;
}

impl Storage {
    /// Applies what a case starts from.
    pub(crate) async fn given(&self, changes: impl IntoIterator<Item = Change>) {
        self.changes.apply(changes.into_iter().collect()).await.unwrap();
    }

    /// Asserts that `changes` meet the conflict named by `constraint`.
    pub(crate) async fn refuses(&self, constraint: Constraint, changes: impl IntoIterator<Item = Change>) {
        let outcome = self.changes.apply(changes.into_iter().collect()).await;
        assert_eq!(outcome, Err(PortError::Conflict(constraint)));
    }
}
