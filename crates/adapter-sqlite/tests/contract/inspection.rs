//! Looking into the file past the adapter.

use async_trait::async_trait;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use gatewright_application::audit::AuditEvent;
use gatewright_application::mail::outbox_mail::{MailId, SealedContent};
use gatewright_contract::storage::Inspection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// Keeps the folder for as long as the storage is looked at.
pub(crate) struct SqliteInspection {
    _folder: Arc<TempDir>,
    path: PathBuf,
}

impl SqliteInspection {
    pub(crate) fn new(folder: Arc<TempDir>, path: &Path) -> Self {
        Self {
            _folder: folder,
            path: path.to_owned(),
        }
    }

    fn mail_text(&self, column: &str, id: MailId) -> Option<String> {
        diesel::sql_query(format!("select {column} as text from outbox_mails where id = ?"))
            .bind::<Binary, _>(id.0.as_bytes().as_slice())
            .get_result::<MailText>(&mut connection(&self.path))
            .optional()
            .unwrap()
            .and_then(|row| row.text)
    }
}

/// A connection of the test's own.
pub(crate) fn connection(path: &Path) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    // The threads of a store that was dropped a moment ago may still be closing the file.
    connection.batch_execute("pragma busy_timeout = 60000").unwrap();
    connection
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The number that `query` answers as `count`.
pub(crate) fn count(connection: &mut SqliteConnection, query: &str) -> i64 {
    diesel::sql_query(query).get_result::<Count>(connection).unwrap().count
}

#[derive(QueryableByName)]
struct MailText {
    #[diesel(sql_type = Nullable<Text>)]
    text: Option<String>,
}

#[async_trait]
impl Inspection for SqliteInspection {
    async fn holds_audit_event(&self, event: &AuditEvent) -> bool {
        let at = i64::try_from(event.at.unix_timestamp_nanos() / 1000).unwrap();
        let found = diesel::sql_query(
            "select count(*) as count from audit_events where id = ? and at = ? and event_type = ? and actor_id is ?
             and subject_id is ? and session_id is ? and address is ? and request_id = ? and reason is ?",
        )
        .bind::<Binary, _>(event.id.as_bytes().as_slice())
        .bind::<BigInt, _>(at)
        .bind::<Text, _>(event.event_type.as_str())
        .bind::<Nullable<Binary>, _>(event.actor.map(|user| user.0.into_bytes().to_vec()))
        .bind::<Nullable<Binary>, _>(event.subject.map(|user| user.0.into_bytes().to_vec()))
        .bind::<Nullable<Binary>, _>(event.session.map(|session| session.0.into_bytes().to_vec()))
        .bind::<Nullable<Text>, _>(event.address.map(|address| address.to_string()))
        .bind::<Text, _>(&event.request_id)
        .bind::<Nullable<Text>, _>(event.reason)
        .get_result::<Count>(&mut connection(&self.path))
        .unwrap();
        found.count == 1
    }

    async fn sealed_content(&self, id: MailId) -> Option<SealedContent> {
        self.mail_text("sealed_content", id).map(SealedContent)
    }

    async fn recipient(&self, id: MailId) -> Option<String> {
        self.mail_text("recipient", id).filter(|address| !address.is_empty())
    }
}
