//! When somebody else holds the file.

use crate::fresh_storage::fresh_database;
use crate::inspection::connection;
use diesel::connection::SimpleConnection;
use gatewright_adapter_sqlite::{SqliteOptions, SqliteStore};
use gatewright_application::ports::change::{Change, Changes, UserChange};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use gatewright_application::ports::users::Users;
use gatewright_contract::samples::user;
use std::time::Duration;

#[tokio::test]
async fn a_lock_held_too_long_makes_writes_unavailable_and_leaves_reads_alone() {
    let (_folder, options) = fresh_database();
    let store = SqliteStore::open(&options).unwrap();
    let impatient = SqliteStore::open(&SqliteOptions {
        patience: Duration::from_millis(10),
        ..options.clone()
    })
    .unwrap();
    let other = &mut connection(&options.path);
    other.batch_execute("begin immediate").unwrap();
    for outcome in [impatient.check().await, impatient.apply(insert(1)).await] {
        let error = outcome.unwrap_err();
        assert!(
            matches!(
                error,
                PortError::Unavailable {
                    dependency: "database",
                    ..
                }
            ),
            "{error}"
        );
    }
    assert_eq!(Users::find(&store, user(1).id).await, Ok(None));

    other.batch_execute("rollback").unwrap();
    assert_eq!(store.check().await, Ok(()));
    assert_eq!(store.apply(insert(2)).await, Ok(()));
    assert_eq!(Users::find(&store, user(1).id).await, Ok(None));
}

fn insert(number: u32) -> Vec<Change> {
    let user = user(number);
    vec![Change::User(UserChange::Insert { user, password: None })]
}
