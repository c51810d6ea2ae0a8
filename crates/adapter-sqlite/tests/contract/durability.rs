//! What was answered stays.

use crate::fresh_storage::fresh_database;
use gatewright_adapter_sqlite::SqliteStore;
use gatewright_application::ports::change::{Change, Changes, UserChange};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use gatewright_application::ports::users::Users;
use gatewright_contract::samples::{address, user};
use gatewright_domain::account::user::User;
use std::sync::Arc;

fn inserted(user: User) -> Vec<Change> {
    vec![Change::User(UserChange::Insert { user, password: None })]
}

#[tokio::test]
async fn what_was_applied_is_there_for_the_next_process() {
    let (_folder, options) = fresh_database();
    let store = SqliteStore::open(&options).unwrap();
    store.apply(inserted(user(1))).await.unwrap();
    drop(store);
    let store = SqliteStore::open(&options).unwrap();
    let found = Users::find(&store, user(1).id).await.unwrap().unwrap();
    assert_eq!(found.user, user(1));
}

#[tokio::test]
async fn closing_finishes_what_was_taken_and_leaves_one_file() {
    let (folder, options) = fresh_database();
    let store = Arc::new(SqliteStore::open(&options).unwrap());
    let applied: Vec<_> = (1..=50)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.apply(inserted(user(number))).await })
        })
        .collect();
    tokio::task::yield_now().await;
    store.close().await;
    for (number, outcome) in (1..).zip(applied) {
        let accepted = outcome.await.unwrap().is_ok();
        let reopened = SqliteStore::open(&options).unwrap();
        let found = reopened.find_by_email(&address(number)).await.unwrap();
        assert_eq!(found.is_some(), accepted, "{number}");
        reopened.close().await;
    }
    let error = store.check().await.unwrap_err();
    assert!(matches!(
        error,
        PortError::Unavailable {
            dependency: "database",
            ..
        }
    ));
    let files = folder.path().read_dir().unwrap().count();
    assert_eq!(files, 1, "the write-ahead log was not put into the file");
}

#[tokio::test]
async fn two_processes_use_one_file() {
    let (_folder, options) = fresh_database();
    let server = SqliteStore::open(&options).unwrap();
    let command = SqliteStore::open(&options).unwrap();
    for number in 1..=20 {
        let (one, other) = (inserted(user(number)), inserted(user(100 + number)));
        let (one, other) = tokio::join!(server.apply(one), command.apply(other));
        assert_eq!((one, other), (Ok(()), Ok(())));
        assert!(server.find_by_email(&address(100 + number)).await.unwrap().is_some());
        assert!(command.find_by_email(&address(number)).await.unwrap().is_some());
    }
}
