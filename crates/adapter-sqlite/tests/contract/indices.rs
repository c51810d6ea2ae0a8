//! No statement reads a whole table: with a hundred million rows in it, one that does is an outage.

use crate::fresh_storage::{fresh_database, fresh_maintenance_storage, fresh_storage};
use crate::inspection::connection;
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// Every statement that any connection of this test binary has run since recording began.
static STATEMENTS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

#[derive(QueryableByName)]
struct PlanStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_of_every_contract_case_goes_by_an_index() {
    let recorder = || Some(Box::new(|event: InstrumentationEvent<'_>| record(&event)) as Box<dyn Instrumentation>);
    set_default_instrumentation(recorder).unwrap();
    gatewright_contract::users::suite(fresh_storage).await;
    gatewright_contract::registrations::suite(fresh_storage).await;
    gatewright_contract::challenges::suite(fresh_storage).await;
    gatewright_contract::sessions::suite(fresh_storage).await;
    gatewright_contract::attempt_counters::suite(fresh_storage).await;
    gatewright_contract::outbox::suite(fresh_storage).await;
    gatewright_contract::changes::suite(fresh_storage).await;
    gatewright_contract::jobs::suite(fresh_maintenance_storage).await;
    gatewright_contract::expired_rows::suite(fresh_maintenance_storage).await;

    let seen = STATEMENTS.lock().unwrap().clone();
    let reading: Vec<&String> = seen.iter().filter(|sql| reads_a_table(sql)).collect();
    assert!(reading.len() > 30, "only {} statements were seen", reading.len());
    let (_folder, options) = fresh_database();
    let connection = &mut connection(&options.path);
    for sql in reading {
        assert_goes_by_an_index(connection, sql);
    }
}

#[test]
fn a_statement_without_an_index_would_be_noticed() {
    let (_folder, options) = fresh_database();
    let plan = plan(
        &mut connection(&options.path),
        "SELECT id FROM users WHERE display_name = ?",
    );
    assert!(plan.iter().any(|step| step.contains("SCAN")), "{plan:?}");
}

fn assert_goes_by_an_index(connection: &mut SqliteConnection, sql: &str) {
    let plan = plan(connection, sql);
    assert!(plan.iter().any(|step| step.starts_with("SEARCH")), "{sql}: {plan:?}");
    assert!(plan.iter().all(|step| !step.contains("SCAN")), "{sql}: {plan:?}");
}

fn plan(connection: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let steps: Vec<PlanStep> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"))
        .load(connection)
        .unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

fn record(event: &InstrumentationEvent<'_>) {
    if let InstrumentationEvent::StartQuery { query, .. } = event {
        let text = query.to_string();
        let sql = text.split(" -- binds").next().unwrap();
        STATEMENTS.lock().unwrap().insert(sql.to_owned());
    }
}

/// The adapter's own statements are the query builder's, in capitals; the tests' are written by hand.
fn reads_a_table(sql: &str) -> bool {
    ["SELECT", "UPDATE", "DELETE"].iter().any(|verb| sql.starts_with(verb))
        && !sql.contains("__diesel_schema_migrations")
}
