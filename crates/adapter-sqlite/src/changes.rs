//! Changes: what a use case decided, one file an aggregate. All of a call's changes are one job of the writer.

mod attempt_counters;
mod audit_events;
mod challenges;
mod outbox;
mod registrations;
mod sessions;
mod users;

use crate::error::Failure;
use crate::store::SqliteStore;
use async_trait::async_trait;
use diesel::SqliteConnection;
use gatewright_application::ports::change::{Change, Changes};
use gatewright_application::ports::error::PortError;

#[async_trait]
impl Changes for SqliteStore {
    async fn apply(&self, changes: Vec<Change>) -> Result<(), PortError> {
        self.write(move |connection| changes.iter().try_for_each(|change| apply(connection, change)))
            .await
    }
}

fn apply(connection: &mut SqliteConnection, change: &Change) -> Result<(), Failure> {
    match change {
        Change::Registration(change) => registrations::apply(connection, change),
        Change::Challenge(change) => challenges::apply(connection, change),
        Change::User(change) => users::apply(connection, change),
        Change::Session(change) => sessions::apply(connection, change),
        Change::Mail(mail) => outbox::enqueue(connection, mail),
        Change::Audit(event) => audit_events::append(connection, event),
        Change::ResetCounter(key) => attempt_counters::reset(connection, *key),
    }
}
