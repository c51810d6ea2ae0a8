//! How users come and go.

use crate::exactly::assert_same_account;
use crate::insertions::{insert_account, insert_challenge, insert_registration, insert_session, insert_user};
use crate::race::all_at_once;
use crate::running::on_fresh;
use crate::samples::{
    NOON, address, audit_event, challenge, email, full_user, id, password_hash, registration, session, settings, user,
    username,
};
use crate::storage::Storage;
use gatewright_application::audit::AuditEvent;
use gatewright_application::ports::change::{Change, Edit, UserChange};
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_application::ports::users::Account;
use gatewright_domain::account::challenge::{Challenge, ChallengeSubject};
use gatewright_domain::account::registration::Registration;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::session::session::SessionId;

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, a23_a_taken_address_is_refused_in_any_case).await;
    on_fresh(&factory, a23_a_taken_username_is_refused_in_any_case).await;
    on_fresh(&factory, users_without_a_username_live_side_by_side).await;
    on_fresh(&factory, a27_of_simultaneous_users_with_one_address_one_comes_to_be).await;
    on_fresh(&factory, of_simultaneous_users_with_one_username_one_comes_to_be).await;
    on_fresh(&factory, every_change_but_insert_expects_the_user).await;
    on_fresh(&factory, a_deleted_user_is_gone_with_what_was_theirs).await;
    on_fresh(&factory, a_deletion_leaves_everybody_else).await;
    on_fresh(&factory, a_deletion_leaves_the_audit_trail).await;
    on_fresh(&factory, a_deleted_users_address_and_username_are_free).await;
    on_fresh(&factory, a_deleted_users_roles_are_gone).await;
}

async fn a23_a_taken_address_is_refused_in_any_case(storage: Storage) {
    let spelled = |number: u32, text: &str| User {
        email: email(text),
        ..user(number)
    };
    let ann = spelled(1, "Ann@Example.org");
    storage.given([insert_user(&ann)]).await;
    for spelling in ["Ann@Example.org", "ann@example.org", "ANN@EXAMPLE.ORG"] {
        let second = insert_user(&spelled(2, spelling));
        storage.refuses(Constraint::EmailFree, [second]).await;
    }
    assert_eq!(storage.users.find(UserId(id(2))).await, Ok(None));
}

async fn a23_a_taken_username_is_refused_in_any_case(storage: Storage) {
    let named = |number: u32, text: &str| User {
        username: Some(username(text)),
        ..user(number)
    };
    storage.given([insert_user(&named(1, "Ann.Lee"))]).await;
    for spelling in ["Ann.Lee", "ann.lee", "ANN.LEE"] {
        let second = insert_user(&named(2, spelling));
        storage.refuses(Constraint::UsernameFree, [second]).await;
    }
    assert_eq!(storage.users.find(UserId(id(2))).await, Ok(None));
}

async fn users_without_a_username_live_side_by_side(storage: Storage) {
    storage.given([1, 2, 3].map(|number| insert_user(&user(number)))).await;
    for number in 1..=3 {
        let found = storage.users.find(UserId(id(number))).await.unwrap();
        assert_eq!(found.unwrap().user, user(number));
    }
}

async fn a27_of_simultaneous_users_with_one_address_one_comes_to_be(storage: Storage) {
    let outcomes = all_at_once(50, |number| {
        let storage = storage.clone();
        let user = User {
            email: address(1),
            ..user(u32::try_from(number).unwrap())
        };
        async move { storage.changes.apply(vec![insert_user(&user)]).await }
    });
    one_succeeded(outcomes.await, Constraint::EmailFree);
}

async fn of_simultaneous_users_with_one_username_one_comes_to_be(storage: Storage) {
    let outcomes = all_at_once(50, |number| {
        let storage = storage.clone();
        let user = User {
            username: Some(username("ann.lee")),
            ..user(u32::try_from(number).unwrap())
        };
        async move { storage.changes.apply(vec![insert_user(&user)]).await }
    });
    one_succeeded(outcomes.await, Constraint::UsernameFree);
}

async fn every_change_but_insert_expects_the_user(storage: Storage) {
    let (id, at, new) = (UserId(id(1)), NOON, password_hash(2));
    let (verified, old) = (None, password_hash(1));
    let changes = [
        UserChange::ExpectPassword {
            id,
            verified: old.clone(),
        },
        UserChange::SignedIn { id, verified, at },
        UserChange::Rehash {
            id,
            old,
            new: new.clone(),
        },
        UserChange::SetPassword {
            id,
            expected: None,
            new,
            at,
        },
        UserChange::EditProfile {
            id,
            username: Edit::Keep,
            display_name: Edit::Keep,
            settings: Edit::Set(settings("{}")),
            at,
        },
        UserChange::SetVerifiedEmail {
            id,
            email: address(1),
            at,
        },
        UserChange::Delete { id },
    ];
    for change in changes {
        storage.refuses(Constraint::UserExists, [Change::User(change)]).await;
    }
}

async fn a_deleted_user_is_gone_with_what_was_theirs(storage: Storage) {
    let belongings = given_with_belongings(&storage, 1).await;
    storage.given([delete(1)]).await;
    let waiting = storage.registrations.find(belongings.registration.id).await;
    assert_eq!(waiting, Ok(None));
    let users = &storage.users;
    assert_eq!(users.find(UserId(id(1))).await, Ok(None));
    assert_eq!(users.find_by_email(&full_user(1).email).await, Ok(None));
    let handle = full_user(1).username.unwrap();
    assert_eq!(users.find_by_username(&handle).await, Ok(None));
    assert_eq!(storage.sessions.find_with_user(belongings.session).await, Ok(None));
    assert_eq!(storage.sessions.live_of_user(UserId(id(1)), NOON).await, Ok(vec![]));
    for challenge in belongings.challenges {
        let found = storage
            .challenges
            .find_by_link(challenge.purpose, &challenge.link)
            .await;
        assert_eq!(found, Ok(None));
    }
}

async fn a_deletion_leaves_everybody_else(storage: Storage) {
    let decoy = challenge(99, ChallengeSubject::Nobody);
    storage.given([insert_challenge(&decoy)]).await;
    given_with_belongings(&storage, 1).await;
    let belongings = given_with_belongings(&storage, 2).await;
    storage.given([delete(1)]).await;
    let found = storage.users.find(UserId(id(2))).await.unwrap().unwrap();
    assert_same_account(&found, &account(2));
    assert!(
        storage
            .sessions
            .find_with_user(belongings.session)
            .await
            .unwrap()
            .is_some()
    );
    let waiting = storage.registrations.find(belongings.registration.id).await;
    assert_eq!(waiting, Ok(Some(belongings.registration)));
    for challenge in belongings.challenges.into_iter().chain([decoy]) {
        let found = storage
            .challenges
            .find_by_link(challenge.purpose, &challenge.link)
            .await;
        assert_eq!(found, Ok(Some(challenge)));
    }
}

async fn a_deletion_leaves_the_audit_trail(storage: Storage) {
    let event = AuditEvent {
        actor: Some(UserId(id(1))),
        subject: Some(UserId(id(1))),
        ..audit_event(1)
    };
    storage
        .given([insert_user(&user(1)), Change::Audit(event.clone())])
        .await;
    storage.given([delete(1)]).await;
    assert!(storage.inspection.holds_audit_event(&event).await);
}

async fn a_deleted_users_address_and_username_are_free(storage: Storage) {
    given_with_belongings(&storage, 1).await;
    let successor = User {
        id: UserId(id(2)),
        ..full_user(1)
    };
    storage.given([delete(1), insert_user(&successor)]).await;
    let found = storage.users.find_by_email(&successor.email).await.unwrap();
    assert_eq!(found.unwrap().user, successor);
}

async fn a_deleted_users_roles_are_gone(storage: Storage) {
    let without_roles = User {
        roles: [].into(),
        ..user(1)
    };
    storage.given([insert_user(&full_user(1))]).await;
    storage.given([delete(1), insert_user(&without_roles)]).await;
    let found = storage.users.find(UserId(id(1))).await.unwrap();
    assert_eq!(found.unwrap().user, without_roles);
}

struct Belongings {
    session: SessionId,
    registration: Registration,
    challenges: [Challenge; 3],
}

fn account(number: u32) -> Account {
    Account {
        user: full_user(number),
        password: Some(password_hash(number)),
    }
}

/// Stores a user with a session, a lost password, a change of address and, in another spelling of their address, a
/// registration.
async fn given_with_belongings(storage: &Storage, number: u32) -> Belongings {
    let user = UserId(id(number));
    let session = session(10 + number, user);
    let email_change = ChallengeSubject::EmailChange {
        user,
        new_email: address(20 + number),
        session: session.id,
    };
    let registration = Registration {
        email: email(&full_user(number).email.as_str().to_uppercase()),
        ..registration(50 + number)
    };
    let proof = ChallengeSubject::Registration {
        id: registration.id,
        resent: false,
    };
    let challenges = [
        challenge(30 + number, ChallengeSubject::PasswordReset { user }),
        challenge(40 + number, email_change),
        challenge(60 + number, proof),
    ];
    storage
        .given([insert_account(&account(number)), insert_session(&session)])
        .await;
    storage.given([insert_registration(&registration)]).await;
    storage.given(challenges.iter().map(insert_challenge)).await;
    Belongings {
        session: session.id,
        registration,
        challenges,
    }
}

fn delete(number: u32) -> Change {
    Change::User(UserChange::Delete { id: UserId(id(number)) })
}

fn one_succeeded(outcomes: Vec<Result<(), PortError>>, constraint: Constraint) {
    let (done, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    assert_eq!(refused, vec![Err(PortError::Conflict(constraint)); refused.len()]);
}
