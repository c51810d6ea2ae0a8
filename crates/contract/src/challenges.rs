//! The contract of [`Challenges`](gatewright_application::ports::challenges::Challenges): finding by link here,
//! trying codes in `code_attempts`.

mod code_attempts;

use crate::exactly::assert_same_challenge;
use crate::insertions::insert_challenge;
use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON, challenge, digest, email, id};
use crate::storage::Storage;
use gatewright_domain::account::challenge::{Challenge, ChallengePurpose, ChallengeSubject, LinkDigest};
use gatewright_domain::account::registration::RegistrationId;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, a_challenge_about_anything_comes_back).await;
    on_fresh(&factory, a_decoy_of_any_purpose_comes_back).await;
    on_fresh(&factory, a_challenge_without_a_code_comes_back).await;
    on_fresh(&factory, a_used_challenge_is_found_by_its_link).await;
    on_fresh(&factory, an_unknown_link_finds_nothing).await;
    on_fresh(&factory, a44_a_link_finds_nothing_of_another_purpose).await;
    code_attempts::run_all(&factory).await;
}

/// Every kind of subject. Only a decoy may be of a purpose that its subject does not tell.
fn subjects() -> Vec<ChallengeSubject> {
    let (registration, user, session) = (RegistrationId(id(1)), UserId(id(2)), SessionId(id(3)));
    vec![
        ChallengeSubject::Nobody,
        ChallengeSubject::Registration {
            id: registration,
            resent: false,
        },
        ChallengeSubject::Registration {
            id: registration,
            resent: true,
        },
        ChallengeSubject::PasswordReset { user },
        ChallengeSubject::EmailChange {
            user,
            new_email: email("Ann@New.example"),
            session,
        },
    ]
}

async fn a_challenge_about_anything_comes_back(storage: Storage) {
    for (number, subject) in (1..).zip(subjects()) {
        comes_back(&storage, &challenge(number, subject)).await;
    }
}

async fn a_decoy_of_any_purpose_comes_back(storage: Storage) {
    let purposes = [
        ChallengePurpose::Registration,
        ChallengePurpose::EmailChange,
        ChallengePurpose::PasswordReset,
    ];
    for (number, purpose) in (1..).zip(purposes) {
        let decoy = Challenge {
            purpose,
            ..challenge(number, ChallengeSubject::Nobody)
        };
        comes_back(&storage, &decoy).await;
    }
}

async fn a_challenge_without_a_code_comes_back(storage: Storage) {
    let link_only = Challenge {
        code: None,
        ..challenge(1, ChallengeSubject::PasswordReset { user: UserId(id(1)) })
    };
    comes_back(&storage, &link_only).await;
}

async fn a_used_challenge_is_found_by_its_link(storage: Storage) {
    let used = Challenge {
        consumed_at: Some(NOON + MICROSECOND),
        ..challenge(1, ChallengeSubject::Nobody)
    };
    comes_back(&storage, &used).await;
}

async fn an_unknown_link_finds_nothing(storage: Storage) {
    storage
        .given([insert_challenge(&challenge(1, ChallengeSubject::Nobody))])
        .await;
    let (purpose, unknown) = (ChallengePurpose::PasswordReset, LinkDigest(digest(b'l', 2)));
    assert_eq!(storage.challenges.find_by_link(purpose, &unknown).await, Ok(None));
}

async fn a44_a_link_finds_nothing_of_another_purpose(storage: Storage) {
    let reset = challenge(1, ChallengeSubject::PasswordReset { user: UserId(id(1)) });
    storage.given([insert_challenge(&reset)]).await;
    for purpose in [ChallengePurpose::Registration, ChallengePurpose::EmailChange] {
        let found = storage.challenges.find_by_link(purpose, &reset.link).await;
        assert_eq!(found, Ok(None), "{purpose:?}");
    }
}

async fn comes_back(storage: &Storage, challenge: &Challenge) {
    storage.given([insert_challenge(challenge)]).await;
    let found = storage
        .challenges
        .find_by_link(challenge.purpose, &challenge.link)
        .await;
    assert_same_challenge(&found.unwrap().unwrap(), challenge);
}
