//! Signing in: what is told, what it costs, what happens meanwhile.

use crate::world::{ANN, NEW_PASSWORD, PASSWORD, World};
use gatewright_application::audit::AuditEventType;
use gatewright_application::ports::change::{Change, UserChange};
use gatewright_application::ports::clock::Clock as _;
use gatewright_application::session::sign_in::SignInError;
use gatewright_domain::password::hash::PasswordHash;
use gatewright_fakes::plain_password_hasher::PlainPasswordHasher;

#[tokio::test]
async fn a02_an_unknown_name_costs_one_verification_and_one_write_like_a_wrong_password() {
    let world = World::new();
    world.signed_in(ANN).await;
    for login in [ANN, "nobody@example.org", "nobody", "not a name", "a@b@c"] {
        let (verified, audited) = (world.hasher.verified(), world.store.audited().len());
        let error = world.sign_in(login, NEW_PASSWORD).await.unwrap_err();
        assert!(matches!(error, SignInError::InvalidCredentials), "{login}: {error}");
        assert_eq!(world.hasher.verified(), verified + 1, "{login}");
        assert_eq!(world.store.audited().len(), audited + 1, "{login}");
    }
    assert_eq!(world.store.audited().last(), Some(&AuditEventType::LoginFailed));
}

#[tokio::test]
async fn a_password_without_account_signs_nobody_in() {
    let world = World::new();
    assert!(world.sign_in(ANN, PASSWORD).await.is_err());
    assert!(world.store.sessions().is_empty());
}

#[tokio::test]
async fn a_hash_of_older_parameters_is_renewed_at_sign_in() {
    let world = World::new();
    world.signed_in(ANN).await;
    let before = world.store.accounts()[0].password.clone();
    let world = world.with_hasher(PlainPasswordHasher::of_version(2));
    world.sign_in(ANN, PASSWORD).await.unwrap();
    let renewed = world.store.accounts()[0].password.clone();
    assert_ne!(renewed, before);
    assert_eq!(world.hasher.hashed(), 1);
    world.sign_in(ANN, PASSWORD).await.unwrap();
    assert_eq!(world.hasher.hashed(), 1, "renewed a second time");
}

#[tokio::test]
async fn a_sign_in_that_a_change_of_password_overtakes_leaves_no_session() {
    let world = World::new();
    world.signed_in(ANN).await;
    let user = world.store.accounts()[0].user.id;
    let new = PasswordHash::from_phc("$plain$v=1$0$another".to_owned());
    let change = UserChange::SetPassword {
        id: user,
        expected: None,
        new,
        at: world.clock.now(),
    };
    let sessions = world.store.sessions().len();
    world.store.interfere_before_next_apply(vec![Change::User(change)]);
    let error = world.sign_in(ANN, PASSWORD).await.unwrap_err();
    assert!(matches!(error, SignInError::InvalidCredentials), "{error}");
    assert_eq!(world.store.sessions().len(), sessions);
}
