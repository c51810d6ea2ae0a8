//! What changes of registrations do.

use crate::exactly::assert_same_registration;
use crate::insertions::{insert_challenge, insert_registration};
use crate::running::on_fresh;
use crate::samples::{NOON, challenge, email, registration};
use crate::storage::Storage;
use gatewright_application::ports::change::{Change, RegistrationChange};
use gatewright_domain::account::challenge::{Challenge, ChallengePurpose, ChallengeSubject};
use gatewright_domain::account::registration::{Registration, RegistrationId};

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, a28_registrations_for_one_address_wait_side_by_side).await;
    on_fresh(&factory, a28_a_drop_takes_every_registration_for_the_address).await;
    on_fresh(&factory, a28_a_drop_takes_the_challenges_of_what_it_drops).await;
    on_fresh(&factory, a_drop_leaves_other_addresses_and_their_challenges).await;
    on_fresh(&factory, a_drop_for_an_unknown_address_is_no_error).await;
}

async fn a28_registrations_for_one_address_wait_side_by_side(storage: Storage) {
    let (mine, theirs) = (of_ann(1, "ann@example.org"), of_ann(2, "ANN@example.org"));
    storage.given([&mine, &theirs].map(insert_registration)).await;
    for registration in [mine, theirs] {
        let found = storage.registrations.find(registration.id).await.unwrap();
        assert_same_registration(&found.unwrap(), &registration);
    }
}

async fn a28_a_drop_takes_every_registration_for_the_address(storage: Storage) {
    let (mine, theirs) = (of_ann(1, "ann@example.org"), of_ann(2, "ANN@example.org"));
    storage.given([&mine, &theirs].map(insert_registration)).await;
    storage.given([drop_all_for("Ann@Example.org")]).await;
    for registration in [mine.id, theirs.id] {
        assert_eq!(storage.registrations.find(registration).await, Ok(None));
    }
    let waiting = storage.registrations.waiting_for(&email("ann@example.org"), NOON).await;
    assert_eq!(waiting, Ok(vec![]));
}

async fn a28_a_drop_takes_the_challenges_of_what_it_drops(storage: Storage) {
    let registration = of_ann(1, "ann@example.org");
    let first = challenge(11, subject(registration.id, false));
    let resent = challenge(12, subject(registration.id, true));
    storage.given([insert_registration(&registration)]).await;
    storage.given([&first, &resent].map(insert_challenge)).await;
    storage.given([drop_all_for("ann@example.org")]).await;
    assert_eq!(found(&storage, &first).await, None);
    assert_eq!(found(&storage, &resent).await, None);
}

async fn a_drop_leaves_other_addresses_and_their_challenges(storage: Storage) {
    let (ann, bob) = (of_ann(1, "ann@example.org"), registration(2));
    let proof_of_bob = challenge(11, subject(bob.id, false));
    let decoy = Challenge {
        purpose: ChallengePurpose::Registration,
        ..challenge(12, ChallengeSubject::Nobody)
    };
    storage.given([&ann, &bob].map(insert_registration)).await;
    storage.given([&proof_of_bob, &decoy].map(insert_challenge)).await;
    storage.given([drop_all_for("ann@example.org")]).await;
    assert_eq!(storage.registrations.find(bob.id).await, Ok(Some(bob)));
    assert_eq!(found(&storage, &proof_of_bob).await, Some(proof_of_bob));
    assert_eq!(found(&storage, &decoy).await, Some(decoy));
}

async fn a_drop_for_an_unknown_address_is_no_error(storage: Storage) {
    storage.given([drop_all_for("ann@example.org")]).await;
}

fn of_ann(number: u32, address: &str) -> Registration {
    Registration {
        email: email(address),
        ..registration(number)
    }
}

fn subject(id: RegistrationId, resent: bool) -> ChallengeSubject {
    ChallengeSubject::Registration { id, resent }
}

fn drop_all_for(address: &str) -> Change {
    Change::Registration(RegistrationChange::DropAllFor(email(address)))
}

async fn found(storage: &Storage, challenge: &Challenge) -> Option<Challenge> {
    let found = storage
        .challenges
        .find_by_link(challenge.purpose, &challenge.link)
        .await;
    found.unwrap()
}
