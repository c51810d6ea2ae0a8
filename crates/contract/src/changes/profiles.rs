//! What editing a profile and proving an address do.

use crate::exactly::assert_same_user;
use crate::insertions::{insert_account, insert_user};
use crate::race::all_at_once;
use crate::running::on_fresh;
use crate::samples::{
    MICROSECOND, NOON, address, display_name, email, full_user, id, password_hash, settings, user, username,
};
use crate::storage::Storage;
use gatewright_application::ports::change::{Change, Edit, UserChange};
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_application::ports::users::Account;
use gatewright_domain::Timestamp;
use gatewright_domain::account::display_name::DisplayName;
use gatewright_domain::account::settings::UserSettings;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::account::username::Username;

const LATER: Timestamp = NOON.saturating_add(MICROSECOND.saturating_mul(9));

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, each_field_is_set_by_itself).await;
    on_fresh(&factory, each_name_is_taken_away_by_itself).await;
    on_fresh(&factory, every_field_is_set_at_once).await;
    on_fresh(&factory, an_edit_leaves_password_and_other_users).await;
    on_fresh(&factory, a_user_spells_the_own_username_anew).await;
    on_fresh(&factory, a23_another_users_username_is_refused_in_any_case).await;
    on_fresh(&factory, a_given_up_username_is_free).await;
    on_fresh(&factory, a_new_address_replaces_the_old_one_and_is_proven).await;
    on_fresh(&factory, the_same_address_again_records_the_proof_alone).await;
    on_fresh(&factory, a23_another_users_address_is_refused_in_any_case).await;
    on_fresh(&factory, a38_of_simultaneous_users_one_gets_the_address).await;
}

/// An edit that keeps everything.
struct ProfileEdit {
    username: Edit<Option<Username>>,
    display_name: Edit<Option<DisplayName>>,
    settings: Edit<UserSettings>,
}

const KEEP: ProfileEdit = ProfileEdit {
    username: Edit::Keep,
    display_name: Edit::Keep,
    settings: Edit::Keep,
};

async fn each_field_is_set_by_itself(storage: Storage) {
    storage.given([insert_user(&full_user(1))]).await;
    let mut expected = User {
        updated_at: LATER,
        ..full_user(1)
    };
    expected.username = Some(username("New.Handle"));
    let edit = ProfileEdit {
        username: Edit::Set(expected.username.clone()),
        ..KEEP
    };
    edit_becomes(&storage, edit, &expected).await;
    expected.display_name = Some(display_name("Łucja \u{1f98a}"));
    let edit = ProfileEdit {
        display_name: Edit::Set(expected.display_name.clone()),
        ..KEEP
    };
    edit_becomes(&storage, edit, &expected).await;
    expected.settings = settings(r#"{"b":1,"a":[ ]}"#);
    let edit = ProfileEdit {
        settings: Edit::Set(expected.settings.clone()),
        ..KEEP
    };
    edit_becomes(&storage, edit, &expected).await;
}

async fn each_name_is_taken_away_by_itself(storage: Storage) {
    storage.given([insert_user(&full_user(1))]).await;
    let mut expected = User {
        updated_at: LATER,
        ..full_user(1)
    };
    expected.username = None;
    let edit = ProfileEdit {
        username: Edit::Set(None),
        ..KEEP
    };
    edit_becomes(&storage, edit, &expected).await;
    expected.display_name = None;
    let edit = ProfileEdit {
        display_name: Edit::Set(None),
        ..KEEP
    };
    edit_becomes(&storage, edit, &expected).await;
}

async fn every_field_is_set_at_once(storage: Storage) {
    storage.given([insert_user(&user(1))]).await;
    let full = full_user(2);
    let edit = ProfileEdit {
        username: Edit::Set(full.username.clone()),
        display_name: Edit::Set(full.display_name.clone()),
        settings: Edit::Set(full.settings.clone()),
    };
    let expected = User {
        username: full.username,
        display_name: full.display_name,
        settings: full.settings,
        updated_at: LATER,
        ..user(1)
    };
    edit_becomes(&storage, edit, &expected).await;
}

async fn an_edit_leaves_password_and_other_users(storage: Storage) {
    let account = |number: u32| Account {
        user: full_user(number),
        password: Some(password_hash(number)),
    };
    storage
        .given([1, 2].map(|number| insert_account(&account(number))))
        .await;
    let edit = ProfileEdit {
        display_name: Edit::Set(None),
        ..KEEP
    };
    storage.given([of_first_user(edit)]).await;
    let edited = storage.users.find(UserId(id(1))).await.unwrap();
    assert_eq!(edited.unwrap().password, account(1).password);
    assert_eq!(storage.users.find(UserId(id(2))).await, Ok(Some(account(2))));
}

async fn a_user_spells_the_own_username_anew(storage: Storage) {
    storage.given([insert_user(&full_user(1))]).await;
    let expected = User {
        username: Some(username("HANDLE_1")),
        updated_at: LATER,
        ..full_user(1)
    };
    let edit = ProfileEdit {
        username: Edit::Set(expected.username.clone()),
        ..KEEP
    };
    edit_becomes(&storage, edit, &expected).await;
}

async fn a23_another_users_username_is_refused_in_any_case(storage: Storage) {
    storage
        .given([1, 2].map(|number| insert_user(&full_user(number))))
        .await;
    for spelling in ["Handle_2", "handle_2", "HANDLE_2"] {
        let edit = ProfileEdit {
            username: Edit::Set(Some(username(spelling))),
            display_name: Edit::Set(None),
            ..KEEP
        };
        storage.refuses(Constraint::UsernameFree, [of_first_user(edit)]).await;
    }
    assert_same_user(&stored(&storage, 1).await, &full_user(1));
}

async fn a_given_up_username_is_free(storage: Storage) {
    let (first, second) = (full_user(1), user(2));
    storage.given([&first, &second].map(insert_user)).await;
    let give_up = ProfileEdit {
        username: Edit::Set(None),
        ..KEEP
    };
    storage.given([of_first_user(give_up)]).await;
    let take_over = ProfileEdit {
        username: Edit::Set(first.username.clone()),
        ..KEEP
    };
    storage.given([of_user(2, take_over)]).await;
    let found = storage.users.find_by_username(&first.username.unwrap()).await.unwrap();
    assert_eq!(found.unwrap().user.id, second.id);
}

async fn a_new_address_replaces_the_old_one_and_is_proven(storage: Storage) {
    storage.given([insert_user(&user(1))]).await;
    storage.given([verified(1, "New.Ann@Example.com")]).await;
    let expected = User {
        email: email("New.Ann@Example.com"),
        email_verified_at: Some(LATER),
        updated_at: LATER,
        ..user(1)
    };
    assert_same_user(&stored(&storage, 1).await, &expected);
    assert_eq!(storage.users.find_by_email(&user(1).email).await, Ok(None));
    let found = storage
        .users
        .find_by_email(&email("new.ann@example.com"))
        .await
        .unwrap();
    assert_same_user(&found.unwrap().user, &expected);
}

async fn the_same_address_again_records_the_proof_alone(storage: Storage) {
    storage.given([insert_user(&user(1))]).await;
    storage.given([verified(1, address(1).as_str())]).await;
    let found = stored(&storage, 1).await;
    assert_eq!(found.email_verified_at, Some(LATER));
    assert_eq!(found.email.as_str(), address(1).as_str());
}

async fn a23_another_users_address_is_refused_in_any_case(storage: Storage) {
    storage
        .given([1, 2].map(|number| insert_user(&full_user(number))))
        .await;
    for spelling in ["Person.2@Example.org", "person.2@example.org", "PERSON.2@EXAMPLE.ORG"] {
        storage.refuses(Constraint::EmailFree, [verified(1, spelling)]).await;
    }
    assert_same_user(&stored(&storage, 1).await, &full_user(1));
}

async fn a38_of_simultaneous_users_one_gets_the_address(storage: Storage) {
    storage.given((0..20).map(|number| insert_user(&user(number)))).await;
    let outcomes = all_at_once(20, |number| {
        let (storage, number) = (storage.clone(), u32::try_from(number).unwrap());
        async move {
            storage
                .changes
                .apply(vec![verified(number, "wanted@example.org")])
                .await
        }
    });
    let (done, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    assert_eq!(refused, vec![Err(PortError::Conflict(Constraint::EmailFree)); 19]);
}

fn of_user(number: u32, edit: ProfileEdit) -> Change {
    Change::User(UserChange::EditProfile {
        id: UserId(id(number)),
        username: edit.username,
        display_name: edit.display_name,
        settings: edit.settings,
        at: LATER,
    })
}

fn of_first_user(edit: ProfileEdit) -> Change {
    of_user(1, edit)
}

fn verified(number: u32, address: &str) -> Change {
    Change::User(UserChange::SetVerifiedEmail {
        id: UserId(id(number)),
        email: email(address),
        at: LATER,
    })
}

async fn stored(storage: &Storage, number: u32) -> User {
    let found = storage.users.find(UserId(id(number))).await;
    found.unwrap().unwrap().user
}

async fn edit_becomes(storage: &Storage, edit: ProfileEdit, expected: &User) {
    storage.given([of_first_user(edit)]).await;
    assert_same_user(&stored(storage, 1).await, expected);
}
