//! No statement reads a whole table: with a hundred million rows in it, one that does is an outage. And each is prepared
//! once a connection: one that is not costs a round trip and a plan more, each time.

use crate::fresh_storage::{Schema, fresh_maintenance_storage, fresh_storage};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use std::collections::BTreeSet;
use std::sync::Mutex;
use tokio_postgres::Client;

/// Every statement that any store of this test binary has run since recording began.
static STATEMENTS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Those of them that a connection keeps prepared.
static PREPARED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// In what is sent when a connection is opened or a schema looked at, at most once a connection.
const AT_THE_START: [&str; 4] = [
    "set_config",
    "pg_try_advisory_lock",
    "to_regclass",
    "__diesel_schema_migrations",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_of_every_contract_case_stays_prepared_and_goes_by_an_index() {
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
    let planned: Vec<&String> = seen.iter().filter(|sql| touches_a_table(sql)).collect();
    assert!(planned.len() > 30, "only {} statements were seen", planned.len());
    let prepared = PREPARED.lock().unwrap().clone();
    let schema = Schema::migrated();
    let client = schema.connect().await;
    for sql in planned {
        assert!(prepared.contains(sql), "not kept prepared: {sql}");
        let plan = plan(&client, sql).await;
        assert!(!plan.contains("Seq Scan"), "{sql}:\n{plan}");
    }
}

#[tokio::test]
async fn a_statement_without_an_index_would_be_noticed() {
    let schema = Schema::migrated();
    let plan = plan(&schema.connect().await, "select id from users where display_name = $1").await;
    assert!(plan.contains("Seq Scan"), "{plan}");
}

/// The plan for any values at all, by an optimiser that reads a table only where it has to: with no rows in it there is
/// nothing faster.
async fn plan(client: &Client, sql: &str) -> String {
    let prepare = format!("set enable_seqscan = off; set plan_cache_mode = force_generic_plan; prepare it as {sql}");
    client
        .batch_execute(&prepare)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let count = "select cardinality(parameter_types) from pg_prepared_statements where name = 'it'";
    let count: i32 = client.query_one(count, &[]).await.unwrap().get(0);
    let values = vec!["null"; usize::try_from(count).unwrap()].join(", ");
    let explain = if values.is_empty() {
        "explain execute it".to_owned()
    } else {
        format!("explain execute it ({values})")
    };
    let steps = client.query(&explain, &[]).await.unwrap();
    client.batch_execute("deallocate it").await.unwrap();
    steps.iter().map(|row| row.get::<_, String>(0) + "\n").collect()
}

fn record(event: &InstrumentationEvent<'_>) {
    match event {
        InstrumentationEvent::StartQuery { query, .. } => {
            let text = query.to_string();
            let sql = text.split(" -- binds").next().unwrap();
            STATEMENTS.lock().unwrap().insert(sql.to_owned());
        }
        InstrumentationEvent::CacheQuery { sql, .. } => {
            PREPARED.lock().unwrap().insert((*sql).to_owned());
        }
        _ => {}
    }
}

/// The rest is migrations of tests that run at the same time, and the ends of transactions.
fn touches_a_table(sql: &str) -> bool {
    let sql = sql.trim_start().to_lowercase();
    let verbs = ["select", "insert", "update", "delete", "with"];
    verbs.iter().any(|verb| sql.starts_with(verb)) && !AT_THE_START.iter().any(|word| sql.contains(word))
}
