//! The contract of [`Users`](gatewright_application::ports::users::Users).

use crate::exactly::assert_same_account;
use crate::insertions::{insert_account, insert_user};
use crate::running::on_fresh;
use crate::samples::{
    MICROSECOND, NOON, address, display_name, email, full_user, id, password_hash, settings, user, username,
};
use crate::storage::Storage;
use gatewright_application::ports::users::Account;
use gatewright_domain::account::settings::MAX_SETTINGS_BYTES;
use gatewright_domain::account::user::{User, UserId, UserStatus};
use time::macros::datetime;

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, an_empty_store_knows_nobody).await;
    on_fresh(&factory, a_user_with_nothing_optional_comes_back).await;
    on_fresh(&factory, a_user_with_everything_comes_back).await;
    on_fresh(&factory, a_user_without_roles_comes_back).await;
    on_fresh(&factory, the_largest_values_come_back).await;
    on_fresh(&factory, times_come_back_to_the_microsecond).await;
    on_fresh(&factory, each_user_is_found_among_others).await;
    on_fresh(&factory, a23_an_address_is_found_in_any_case_and_keeps_its_own).await;
    on_fresh(&factory, an_international_domain_is_found_in_either_spelling).await;
    on_fresh(&factory, a23_a_username_is_found_in_any_case_and_keeps_its_own).await;
    on_fresh(&factory, look_ups_know_no_wildcards).await;
}

async fn an_empty_store_knows_nobody(storage: Storage) {
    let users = &storage.users;
    assert_eq!(users.find(UserId(id(1))).await, Ok(None));
    assert_eq!(users.find_by_email(&address(1)).await, Ok(None));
    assert_eq!(users.find_by_username(&username("ann")).await, Ok(None));
}

async fn a_user_with_nothing_optional_comes_back(storage: Storage) {
    let account = Account {
        user: user(1),
        password: None,
    };
    storage.given([insert_account(&account)]).await;
    comes_back(&storage, &account).await;
}

async fn a_user_with_everything_comes_back(storage: Storage) {
    for status in [UserStatus::Active, UserStatus::Disabled] {
        let number = if status == UserStatus::Active { 1 } else { 2 };
        let account = Account {
            user: User {
                status,
                ..full_user(number)
            },
            password: Some(password_hash(number)),
        };
        storage.given([insert_account(&account)]).await;
        comes_back(&storage, &account).await;
    }
}

async fn a_user_without_roles_comes_back(storage: Storage) {
    let account = Account {
        user: User {
            roles: [].into(),
            ..full_user(1)
        },
        password: None,
    };
    storage.given([insert_account(&account)]).await;
    comes_back(&storage, &account).await;
}

async fn the_largest_values_come_back(storage: Storage) {
    let local_part = "m".repeat(64);
    let domain = format!("{0}.{0}.{1}.org", "d".repeat(60), "e".repeat(63));
    let account = Account {
        user: User {
            email: email(&format!("{local_part}@{domain}")),
            username: Some(username(&"U".repeat(32))),
            display_name: Some(display_name(&"\u{1f680}".repeat(64))),
            settings: settings(&format!("{{\"text\":\"{}\"}}", "s".repeat(MAX_SETTINGS_BYTES - 11))),
            ..full_user(1)
        },
        password: Some(password_hash(1)),
    };
    assert_eq!(account.user.settings.as_json().len(), MAX_SETTINGS_BYTES);
    storage.given([insert_account(&account)]).await;
    comes_back(&storage, &account).await;
}

async fn times_come_back_to_the_microsecond(storage: Storage) {
    let times = [
        datetime!(1970-01-01 00:00:00.000_001 UTC),
        datetime!(2000-02-29 23:59:59.999_999 UTC),
        datetime!(2038-01-19 03:14:08.000_010 UTC),
        datetime!(2262-04-12 00:00:00.500_001 UTC),
    ];
    for (number, time) in (1..).zip(times) {
        let account = Account {
            user: User {
                email_verified_at: Some(time + MICROSECOND),
                created_at: time,
                updated_at: time + MICROSECOND * 2,
                last_login_at: Some(time + MICROSECOND * 3),
                ..full_user(number)
            },
            password: None,
        };
        storage.given([insert_account(&account)]).await;
        comes_back(&storage, &account).await;
    }
}

async fn each_user_is_found_among_others(storage: Storage) {
    let accounts: Vec<Account> = (1..=5)
        .map(|number| Account {
            user: full_user(number),
            password: Some(password_hash(number)),
        })
        .collect();
    storage.given(accounts.iter().map(insert_account)).await;
    for account in &accounts {
        comes_back(&storage, account).await;
    }
    assert_eq!(storage.users.find(UserId(id(6))).await, Ok(None));
}

async fn a23_an_address_is_found_in_any_case_and_keeps_its_own(storage: Storage) {
    let ann = User {
        email: email("Ann.Lee@Example.org"),
        ..user(1)
    };
    storage.given([insert_user(&ann)]).await;
    for spelling in ["ann.lee@example.org", "ANN.LEE@EXAMPLE.ORG", "Ann.Lee@Example.org"] {
        let found = storage.users.find_by_email(&email(spelling)).await.unwrap();
        assert_eq!(found.unwrap().user.email.as_str(), ann.email.as_str(), "{spelling}");
    }
    for other in ["annlee@example.org", "ann.lee@example.com", "ann.lee+1@example.org"] {
        assert_eq!(storage.users.find_by_email(&email(other)).await, Ok(None), "{other}");
    }
}

async fn an_international_domain_is_found_in_either_spelling(storage: Storage) {
    let ann = User {
        email: email("ann@Bücher.example"),
        ..user(1)
    };
    storage.given([insert_user(&ann)]).await;
    for spelling in ["ann@bücher.example", "ANN@xn--bcher-kva.example"] {
        let found = storage.users.find_by_email(&email(spelling)).await.unwrap();
        assert_eq!(found.map(|found| found.user.id), Some(ann.id), "{spelling}");
    }
}

async fn a23_a_username_is_found_in_any_case_and_keeps_its_own(storage: Storage) {
    let ann = User {
        username: Some(username("Ann.Lee-7")),
        ..user(1)
    };
    storage.given([insert_user(&ann)]).await;
    for spelling in ["ann.lee-7", "ANN.LEE-7", "Ann.Lee-7"] {
        let found = storage.users.find_by_username(&username(spelling)).await.unwrap();
        let found = found.and_then(|found| found.user.username);
        assert_eq!(found.unwrap().as_str(), "Ann.Lee-7", "{spelling}");
    }
}

async fn look_ups_know_no_wildcards(storage: Storage) {
    let ann = User {
        email: email("annxlee@example.org"),
        username: Some(username("annxlee")),
        created_at: NOON,
        ..user(1)
    };
    storage.given([insert_user(&ann)]).await;
    for pattern in ["ann_lee@example.org", "ann%@example.org", "ann*@example.org"] {
        assert_eq!(
            storage.users.find_by_email(&email(pattern)).await,
            Ok(None),
            "{pattern}"
        );
    }
    assert_eq!(storage.users.find_by_username(&username("ann_lee")).await, Ok(None));
}

/// Asserts that every look-up answers with `account`, to the letter.
async fn comes_back(storage: &Storage, account: &Account) {
    let users = &storage.users;
    let by_id = users.find(account.user.id).await.unwrap();
    assert_same_account(&by_id.unwrap(), account);
    let by_email = users.find_by_email(&account.user.email).await.unwrap();
    assert_same_account(&by_email.unwrap(), account);
    if let Some(username) = &account.user.username {
        let by_username = users.find_by_username(username).await.unwrap();
        assert_same_account(&by_username.unwrap(), account);
    }
}
