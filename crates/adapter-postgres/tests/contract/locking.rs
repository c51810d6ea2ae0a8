//! When others hold what a call needs.

use crate::fresh_storage::{Schema, fresh_store};
use gatewright_adapter_postgres::PostgresStore;
use gatewright_application::ports::change::{ChallengeChange, Change, Changes, SessionChange, UserChange};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use gatewright_application::ports::users::Users;
use gatewright_contract::samples::{NOON, challenge, password_hash, user};
use gatewright_domain::account::challenge::{ChallengePurpose, ChallengeSubject};
use gatewright_domain::session::session::SessionEnd;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn a_lock_held_too_long_makes_writes_unavailable_and_leaves_reads_alone() {
    let schema = Schema::migrated();
    let mut options = schema.options();
    options.lock_timeout = Duration::from_millis(50);
    let store = PostgresStore::new(options).unwrap();
    store.prepare(false).await.unwrap();
    let other = schema.connect().await;
    other
        .batch_execute("begin; lock table users in exclusive mode")
        .await
        .unwrap();
    let error = store.apply(vec![insert(1)]).await.unwrap_err();
    assert!(
        matches!(&error, PortError::Unavailable { dependency: "database", reason } if reason.contains("lock timeout")),
        "{error}"
    );
    assert_eq!(Users::find(&store, user(1).id).await, Ok(None));
    assert_eq!(store.check().await, Ok(()));

    other.batch_execute("rollback").await.unwrap();
    assert_eq!(store.apply(vec![insert(2)]).await, Ok(()));
    assert_eq!(Users::find(&store, user(1).id).await, Ok(None));
}

/// Each list consumes its own challenge and voids the other's: rows that two of them would lock the other way round.
#[tokio::test(flavor = "multi_thread")]
async fn resets_of_one_user_at_the_same_time_do_not_wait_for_each_other_in_a_circle() {
    let (_schema, store) = fresh_store().await;
    let store = Arc::new(store);
    store.apply(vec![insert(1)]).await.unwrap();
    for round in 0..20 {
        let flows = [2 * round, 2 * round + 1];
        let subject = || ChallengeSubject::PasswordReset { user: user(1).id };
        let begun = flows.map(|flow| Change::Challenge(ChallengeChange::Insert(challenge(flow, subject()))));
        store.apply(begun.into()).await.unwrap();
        let resets = flows.map(|flow| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.apply(reset(flow)).await })
        });
        let mut done = 0;
        for reset in resets {
            match reset.await.unwrap() {
                Ok(()) => done += 1,
                Err(error) => assert!(matches!(error, PortError::Conflict(_)), "{error}"),
            }
        }
        assert_eq!(done, 1, "one of them voids the other");
    }
}

fn reset(flow: u32) -> Vec<Change> {
    let (user, at) = (user(1).id, NOON);
    let purpose = ChallengePurpose::PasswordReset;
    vec![
        Change::Challenge(ChallengeChange::Consume {
            flow: challenge(flow, ChallengeSubject::Nobody).id,
            at,
        }),
        Change::User(UserChange::SetPassword {
            id: user,
            expected: None,
            new: password_hash(flow),
            at,
        }),
        Change::Challenge(ChallengeChange::VoidAllOf { user, purpose, at }),
        Change::Session(SessionChange::EndAllOf {
            user,
            except: None,
            at,
            reason: SessionEnd::SignedOut,
        }),
    ]
}

fn insert(number: u32) -> Change {
    let user = user(number);
    Change::User(UserChange::Insert { user, password: None })
}
