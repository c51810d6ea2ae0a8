//! A caller that goes away leaves nothing to whoever has the connection next.

use crate::faults::insert;
use crate::fresh_storage::Schema;
use gatewright_adapter_postgres::PostgresStore;
use gatewright_application::ports::change::Changes;
use gatewright_application::ports::registrations::Registrations;
use gatewright_application::ports::users::Users;
use gatewright_contract::samples::{registration, user};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio_postgres::Client;

/// A store with one connection, and somebody who holds the table of mails.
async fn one_connection(schema: &Schema) -> (Arc<PostgresStore>, Client) {
    let mut options = schema.options();
    options.pool_size = NonZeroUsize::MIN;
    let store = PostgresStore::new(options).unwrap();
    store.prepare(false).await.unwrap();
    let other = schema.connect().await;
    other.batch_execute("begin; lock table outbox_mails").await.unwrap();
    (Arc::new(store), other)
}

async fn until_somebody_waits_for_a_lock(client: &Client) {
    let waiting = "select count(*) from pg_locks where not granted and relation = 'outbox_mails'::regclass";
    while client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_nobody_waits_for_is_ended_before_the_next_call() {
    let schema = Schema::migrated();
    let (store, other) = one_connection(&schema).await;
    let caller = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.apply(insert(1)).await }
    });
    until_somebody_waits_for_a_lock(&other).await;
    caller.abort();
    assert!(caller.await.is_err());
    // The one connection is still in the middle of it, so this one waits, and is not served from within it.
    let next = tokio::spawn({
        let store = Arc::clone(&store);
        async move { Users::find(store.as_ref(), user(1).id).await }
    });
    other.batch_execute("rollback").await.unwrap();
    assert_eq!(next.await.unwrap(), Ok(None));
    assert_eq!(store.pool_status().size, 1, "the connection was good and is kept");
    store.apply(insert(1)).await.unwrap();
}

#[tokio::test]
async fn a_statement_that_ran_out_of_time_leaves_a_connection_that_works() {
    let schema = Schema::migrated();
    let mut options = schema.options();
    options.pool_size = NonZeroUsize::MIN;
    options.statement_timeout = Duration::from_millis(100);
    let store = PostgresStore::new(options).unwrap();
    store.prepare(false).await.unwrap();
    let other = schema.connect().await;
    other.batch_execute("begin; lock table users").await.unwrap();
    let error = Users::find(&store, user(1).id).await.unwrap_err();
    assert!(error.to_string().contains("statement timeout"), "{error}");
    let found = Registrations::find(&store, registration(1).id).await;
    assert_eq!(found, Ok(None));
    assert_eq!(store.pool_status().size, 1);
    other.batch_execute("rollback").await.unwrap();
}

/// HTTP workers are runtimes of one thread each, and do not end at the same moment.
#[tokio::test]
async fn a_runtime_that_ends_takes_no_connection_of_another_with_it() {
    let schema = Schema::migrated();
    let store = PostgresStore::new(schema.options()).unwrap();
    store.prepare(false).await.unwrap();
    assert_eq!(Users::find(&store, user(1).id).await, Ok(None));
    thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                for _ in 0..10 {
                    assert_eq!(Users::find(&store, user(1).id).await, Ok(None));
                }
            });
        });
    });
    let status = store.pool_status();
    assert_eq!((status.size, status.idle), (2, 2), "each has its own");
    for _ in 0..10 {
        assert_eq!(Users::find(&store, user(1).id).await, Ok(None));
    }
}

/// Where there may be no more, another runtime's is as good.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_connection_is_had_by_whoever_asks() {
    let schema = Schema::migrated();
    let mut options = schema.options();
    options.pool_size = NonZeroUsize::MIN;
    let store = PostgresStore::new(options).unwrap();
    store.prepare(false).await.unwrap();
    assert_eq!(Users::find(&store, user(1).id).await, Ok(None));
    thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let found = runtime.unwrap().block_on(Users::find(&store, user(1).id));
            assert_eq!(found, Ok(None));
        });
    });
    assert_eq!(store.pool_status().size, 1);
    assert_eq!(Users::find(&store, user(1).id).await, Ok(None));
}
