//! What signing in, hashing anew and setting a password do.

use crate::exactly::assert_same_account;
use crate::insertions::insert_account;
use crate::race::all_at_once;
use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON, full_user, password_hash};
use crate::storage::Storage;
use gatewright_application::ports::change::{Change, UserChange};
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_application::ports::users::Account;
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::password::hash::PasswordHash;

const LATER: Timestamp = NOON.saturating_add(MICROSECOND.saturating_mul(9));

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, signing_in_records_when_and_nothing_else).await;
    on_fresh(&factory, signing_in_without_a_password_needs_none).await;
    on_fresh(&factory, a50_signing_in_expects_the_password_it_verified).await;
    on_fresh(&factory, what_rests_on_a_password_expects_it_to_be_the_same).await;
    on_fresh(&factory, hashing_anew_replaces_the_hash_and_nothing_else).await;
    on_fresh(&factory, hashing_anew_leaves_another_password_alone).await;
    on_fresh(&factory, a_password_is_set_where_it_is_the_expected_one).await;
    on_fresh(&factory, a_password_is_set_whatever_it_was).await;
    on_fresh(&factory, another_password_than_expected_is_kept).await;
    on_fresh(&factory, of_simultaneous_changes_of_one_password_one_succeeds).await;
    on_fresh(&factory, changes_of_one_user_leave_the_others).await;
}

async fn signing_in_records_when_and_nothing_else(storage: Storage) {
    let before = given(&storage, 1, Some(password_hash(1))).await;
    storage.given([signed_in(1, Some(password_hash(1)), LATER)]).await;
    let after = Account {
        user: User {
            last_login_at: Some(LATER),
            ..before.user
        },
        ..before
    };
    assert_same_account(&stored(&storage, 1).await, &after);
}

async fn signing_in_without_a_password_needs_none(storage: Storage) {
    given(&storage, 1, Some(password_hash(1))).await;
    given(&storage, 2, None).await;
    for number in [1, 2] {
        storage.given([signed_in(number, None, LATER)]).await;
        assert_eq!(stored(&storage, number).await.user.last_login_at, Some(LATER));
    }
}

async fn what_rests_on_a_password_expects_it_to_be_the_same(storage: Storage) {
    let before = given(&storage, 1, Some(password_hash(1))).await;
    given(&storage, 2, None).await;
    let expect = |number: u32, verified: u32| {
        let (id, verified) = (full_user(number).id, password_hash(verified));
        Change::User(UserChange::ExpectPassword { id, verified })
    };
    storage.given([expect(1, 1)]).await;
    for other in [expect(1, 2), expect(2, 1)] {
        let undone = signed_in(1, None, LATER);
        storage.refuses(Constraint::PasswordUnchanged, [undone, other]).await;
    }
    storage.refuses(Constraint::UserExists, [expect(3, 1)]).await;
    assert_same_account(&stored(&storage, 1).await, &before);
}

async fn a50_signing_in_expects_the_password_it_verified(storage: Storage) {
    let (changed, none) = (
        given(&storage, 1, Some(password_hash(2))).await,
        given(&storage, 2, None).await,
    );
    for (number, before) in [(1, changed), (2, none)] {
        let sign_in = signed_in(number, Some(password_hash(1)), LATER);
        storage.refuses(Constraint::PasswordUnchanged, [sign_in]).await;
        assert_same_account(&stored(&storage, number).await, &before);
    }
}

async fn hashing_anew_replaces_the_hash_and_nothing_else(storage: Storage) {
    let before = given(&storage, 1, Some(password_hash(1))).await;
    storage.given([rehash(password_hash(1), password_hash(2))]).await;
    let after = Account {
        password: Some(password_hash(2)),
        ..before
    };
    assert_same_account(&stored(&storage, 1).await, &after);
}

async fn hashing_anew_leaves_another_password_alone(storage: Storage) {
    let (other, none) = (
        given(&storage, 1, Some(password_hash(3))).await,
        given(&storage, 2, None).await,
    );
    let of_nobody = Change::User(UserChange::Rehash {
        id: none.user.id,
        old: password_hash(1),
        new: password_hash(2),
    });
    storage
        .given([rehash(password_hash(1), password_hash(2)), of_nobody])
        .await;
    assert_same_account(&stored(&storage, 1).await, &other);
    assert_same_account(&stored(&storage, 2).await, &none);
}

async fn a_password_is_set_where_it_is_the_expected_one(storage: Storage) {
    let before = given(&storage, 1, Some(password_hash(1))).await;
    let change = set_password(1, Some(password_hash(1)), password_hash(2));
    storage.given([change]).await;
    assert_same_account(&stored(&storage, 1).await, &with_password(before, 2));
}

async fn a_password_is_set_whatever_it_was(storage: Storage) {
    for (number, password) in [(1, Some(password_hash(1))), (2, None)] {
        let before = given(&storage, number, password).await;
        storage.given([set_password(number, None, password_hash(3))]).await;
        assert_same_account(&stored(&storage, number).await, &with_password(before, 3));
    }
}

async fn another_password_than_expected_is_kept(storage: Storage) {
    let (other, none) = (
        given(&storage, 1, Some(password_hash(3))).await,
        given(&storage, 2, None).await,
    );
    for (number, before) in [(1, other), (2, none)] {
        let change = set_password(number, Some(password_hash(1)), password_hash(2));
        storage.refuses(Constraint::PasswordUnchanged, [change]).await;
        assert_same_account(&stored(&storage, number).await, &before);
    }
}

async fn of_simultaneous_changes_of_one_password_one_succeeds(storage: Storage) {
    given(&storage, 1, Some(password_hash(0))).await;
    let outcomes = all_at_once(50, |number| {
        let storage = storage.clone();
        let new = password_hash(1 + u32::try_from(number).unwrap());
        let change = set_password(1, Some(password_hash(0)), new.clone());
        async move { storage.changes.apply(vec![change]).await.map(|()| new) }
    });
    let (done, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    assert_eq!(
        refused,
        vec![Err(PortError::Conflict(Constraint::PasswordUnchanged)); 49]
    );
    assert_eq!(stored(&storage, 1).await.password, done[0].clone().ok());
}

async fn changes_of_one_user_leave_the_others(storage: Storage) {
    given(&storage, 1, Some(password_hash(1))).await;
    let other = given(&storage, 2, Some(password_hash(1))).await;
    storage.given([signed_in(1, Some(password_hash(1)), LATER)]).await;
    storage.given([rehash(password_hash(1), password_hash(2))]).await;
    storage.given([set_password(1, None, password_hash(3))]).await;
    assert_same_account(&stored(&storage, 2).await, &other);
}

async fn given(storage: &Storage, number: u32, password: Option<PasswordHash>) -> Account {
    let user = full_user(number);
    let account = Account { user, password };
    storage.given([insert_account(&account)]).await;
    account
}

async fn stored(storage: &Storage, number: u32) -> Account {
    let found = storage.users.find(full_user(number).id).await;
    found.unwrap().unwrap()
}

fn with_password(before: Account, number: u32) -> Account {
    Account {
        user: User {
            updated_at: LATER,
            ..before.user
        },
        password: Some(password_hash(number)),
    }
}

fn signed_in(number: u32, verified: Option<PasswordHash>, at: Timestamp) -> Change {
    let id: UserId = full_user(number).id;
    Change::User(UserChange::SignedIn { id, verified, at })
}

/// Of the first user.
fn rehash(old: PasswordHash, new: PasswordHash) -> Change {
    let id = full_user(1).id;
    Change::User(UserChange::Rehash { id, old, new })
}

fn set_password(number: u32, expected: Option<PasswordHash>, new: PasswordHash) -> Change {
    let (id, at) = (full_user(number).id, LATER);
    Change::User(UserChange::SetPassword { id, expected, new, at })
}
