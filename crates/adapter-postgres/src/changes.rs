//! Changes: what a use case decided, one file an aggregate. A list of several statements is one transaction.
//!
//! Each change becomes steps of one statement each, which are sent together; a function that makes a step sends that one
//! statement and judges its answer.

mod attempt_counters;
mod audit_events;
mod challenges;
mod locks;
mod outbox;
mod registrations;
mod sessions;
mod users;

use crate::error::Failure;
use crate::store::PostgresStore;
use crate::transaction::all_or_nothing;
use async_trait::async_trait;
use diesel_async::AsyncPgConnection;
use futures_util::FutureExt;
use gatewright_application::ports::change::{Change, Changes};
use gatewright_application::ports::error::{Constraint, PortError};

/// A step of a list of changes.
type Step<'a> = crate::transaction::Step<'a, Failure>;

#[async_trait]
impl Changes for PostgresStore {
    async fn apply(&self, changes: Vec<Change>) -> Result<(), PortError> {
        let lease = self.lease().await?;
        lease
            .run_again_after_deadlock(|connection| apply(connection, &changes))
            .await
    }
}

async fn apply(connection: &AsyncPgConnection, changes: &[Change]) -> Result<(), Failure> {
    let mut steps: Vec<Step<'_>> = changes.iter().flat_map(|change| steps_of(connection, change)).collect();
    if steps.len() > 1 {
        steps.splice(0..0, locks::steps(connection, changes));
    }
    all_or_nothing(connection, steps).await
}

fn steps_of<'a>(connection: &'a AsyncPgConnection, change: &'a Change) -> Vec<Step<'a>> {
    match change {
        Change::Registration(change) => registrations::steps(connection, change),
        Change::Challenge(change) => vec![challenges::step(connection, change)],
        Change::User(change) => users::steps(connection, change),
        Change::Session(change) => vec![sessions::step(connection, change)],
        Change::Mail(mail) => vec![outbox::enqueue(connection, mail).boxed()],
        Change::Audit(event) => vec![audit_events::append(connection, event).boxed()],
        Change::ResetCounter(key) => vec![attempt_counters::reset(connection, *key).boxed()],
    }
}

/// What a change of one row expects.
fn expect_one(changed: usize, otherwise: Constraint) -> Result<(), Failure> {
    if changed == 1 { Ok(()) } else { Err(otherwise.into()) }
}
