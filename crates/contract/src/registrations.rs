//! The contract of [`Registrations`](gatewright_application::ports::registrations::Registrations).

use crate::exactly::assert_same_registration;
use crate::insertions::insert_registration;
use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON, address, email, full_registration, id, registration};
use crate::storage::Storage;
use gatewright_domain::Timestamp;
use gatewright_domain::account::registration::{Registration, RegistrationId};

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, an_empty_store_has_none_waiting).await;
    on_fresh(&factory, a_registration_comes_back).await;
    on_fresh(&factory, those_of_one_address_come_newest_first).await;
    on_fresh(&factory, an_address_is_found_in_any_case).await;
    on_fresh(&factory, those_of_other_addresses_are_left_out).await;
    on_fresh(&factory, an_expired_one_no_longer_waits).await;
}

async fn an_empty_store_has_none_waiting(storage: Storage) {
    let found = storage.registrations.find(RegistrationId(id(1))).await;
    assert_eq!(found, Ok(None));
    let waiting = storage.registrations.waiting_for(&address(1), NOON).await;
    assert_eq!(waiting, Ok(vec![]));
}

async fn a_registration_comes_back(storage: Storage) {
    for registration in [registration(1), full_registration(2)] {
        storage.given([insert_registration(&registration)]).await;
        let found = storage.registrations.find(registration.id).await.unwrap();
        assert_same_registration(&found.unwrap(), &registration);
        let waiting = storage.registrations.waiting_for(&registration.email, NOON).await;
        assert_same_registration(&waiting.unwrap()[0], &registration);
    }
}

async fn those_of_one_address_come_newest_first(storage: Storage) {
    let made = |number: u32, created_at: Timestamp| Registration {
        email: address(1),
        created_at,
        ..registration(number)
    };
    let second = made(1, NOON + MICROSECOND);
    let third = made(2, NOON + MICROSECOND * 2);
    let first = made(3, NOON);
    storage.given([&second, &third, &first].map(insert_registration)).await;
    assert_eq!(
        waiting(&storage, "person.1@example.org", NOON).await,
        [third.id, second.id, first.id]
    );
}

async fn an_address_is_found_in_any_case(storage: Storage) {
    let spelled = |number: u32, text: &str| Registration {
        email: email(text),
        created_at: NOON - MICROSECOND * i32::try_from(number).unwrap(),
        ..registration(number)
    };
    let (one, other) = (spelled(1, "Ann@Example.org"), spelled(2, "ANN@EXAMPLE.ORG"));
    storage.given([&one, &other].map(insert_registration)).await;
    assert_eq!(waiting(&storage, "ann@example.org", NOON).await, [one.id, other.id]);
}

async fn those_of_other_addresses_are_left_out(storage: Storage) {
    storage
        .given([1, 2].map(|number| insert_registration(&registration(number))))
        .await;
    assert_eq!(
        waiting(&storage, "person.1@example.org", NOON).await,
        [registration(1).id]
    );
    assert_eq!(waiting(&storage, "person_1@example.org", NOON).await, []);
}

async fn an_expired_one_no_longer_waits(storage: Storage) {
    let registration = registration(1);
    storage.given([insert_registration(&registration)]).await;
    let (address, end) = ("person.1@example.org", registration.expires_at);
    assert_eq!(waiting(&storage, address, end - MICROSECOND).await, [registration.id]);
    assert_eq!(waiting(&storage, address, end).await, []);
    let found = storage.registrations.find(registration.id).await.unwrap();
    assert_same_registration(&found.unwrap(), &registration);
}

async fn waiting(storage: &Storage, address: &str, now: Timestamp) -> Vec<RegistrationId> {
    let waiting = storage.registrations.waiting_for(&email(address), now).await;
    waiting
        .unwrap()
        .into_iter()
        .map(|registration| registration.id)
        .collect()
}
