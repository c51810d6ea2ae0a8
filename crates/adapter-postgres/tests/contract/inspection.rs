//! Looking into the database past the adapter.

use crate::fresh_storage::Schema;
use async_trait::async_trait;
use gatewright_application::audit::AuditEvent;
use gatewright_application::mail::outbox_mail::{MailId, SealedContent};
use gatewright_contract::storage::Inspection;
use std::sync::Arc;
use tokio::sync::OnceCell;
use tokio_postgres::Client;

/// Keeps the schema for as long as the storage is looked at.
pub(crate) struct PostgresInspection {
    schema: Arc<Schema>,
    client: OnceCell<Client>,
}

impl PostgresInspection {
    pub(crate) fn new(schema: Arc<Schema>) -> Self {
        Self {
            schema,
            client: OnceCell::new(),
        }
    }

    async fn client(&self) -> &Client {
        self.client.get_or_init(|| self.schema.connect()).await
    }

    async fn mail_text(&self, column: &str, id: MailId) -> Option<String> {
        let query = format!("select {column} from outbox_mails where id::text = $1");
        let row = self.client().await.query_opt(&query, &[&id.0.to_string()]).await;
        row.unwrap().and_then(|row| row.get(0))
    }
}

#[async_trait]
impl Inspection for PostgresInspection {
    async fn holds_audit_event(&self, event: &AuditEvent) -> bool {
        let micros = i64::try_from(event.at.unix_timestamp_nanos() / 1000).unwrap();
        let query = "
            select count(*) from audit_events where id::text = $1
            and (extract(epoch from at) * 1000000)::bigint = $2 and event_type = $3
            and actor_id::text is not distinct from $4 and subject_id::text is not distinct from $5
            and session_id::text is not distinct from $6 and host(address) is not distinct from $7
            and request_id = $8 and reason is not distinct from $9";
        let client = self.client().await;
        let found = client
            .query_one(
                query,
                &[
                    &event.id.to_string(),
                    &micros,
                    &event.event_type.as_str(),
                    &event.actor.map(|user| user.0.to_string()),
                    &event.subject.map(|user| user.0.to_string()),
                    &event.session.map(|session| session.0.to_string()),
                    &event.address.map(|address| address.to_string()),
                    &event.request_id,
                    &event.reason,
                ],
            )
            .await;
        found.unwrap().get::<_, i64>(0) == 1
    }

    async fn sealed_content(&self, id: MailId) -> Option<SealedContent> {
        self.mail_text("sealed_content", id).await.map(SealedContent)
    }

    async fn recipient(&self, id: MailId) -> Option<String> {
        self.mail_text("recipient", id)
            .await
            .filter(|address| !address.is_empty())
    }
}
