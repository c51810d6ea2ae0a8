//! The contract of [`PasswordHasher`]: [`suite`] for every one, [`suite_of_work`] for those that really work.

mod work;

pub use work::suite_of_work;

use crate::race::all_at_once;
use crate::running::run;
use gatewright_application::ports::password_hasher::{PasswordHasher, PasswordMatch};
use gatewright_domain::password::hash::PasswordHash;
use gatewright_domain::password::password::Password;
use std::sync::Arc;

/// What every case gets.
#[derive(Clone)]
struct Hashers {
    current: Arc<dyn PasswordHasher>,
    former: Arc<dyn PasswordHasher>,
}

/// Runs every case on `current`. `former` is like it, with parameters that are no longer the current ones. Both
/// need room for eight at once.
pub async fn suite(current: Arc<dyn PasswordHasher>, former: Arc<dyn PasswordHasher>) {
    let hashers = Hashers { current, former };
    run(a_password_matches_its_own_hash, hashers.clone()).await;
    run(another_password_does_not_match, hashers.clone()).await;
    run(a19_every_character_counts, hashers.clone()).await;
    run(a_password_hashed_twice_has_two_hashes, hashers.clone()).await;
    run(a02_no_hash_matches_nothing, hashers.clone()).await;
    run(a_hash_of_former_parameters_matches_and_is_outdated, hashers.clone()).await;
    run(a_hash_that_cannot_be_read_matches_nothing, hashers.clone()).await;
    run(simultaneous_callers_get_their_own_answers, hashers).await;
}

async fn a_password_matches_its_own_hash(hashers: Hashers) {
    for text in [
        "correct horse battery",
        "$plain$ % \\ ' \"",
        "\u{1f511} 王 clé",
        " ",
        "\0",
    ] {
        let hash = hash(&hashers.current, text).await;
        let answer = verify(&hashers.current, text, &hash).await;
        assert_eq!(answer, PasswordMatch::Yes, "{text:?}");
    }
}

async fn another_password_does_not_match(hashers: Hashers) {
    let hash = hash(&hashers.current, "correct horse battery").await;
    for other in [
        "Correct horse battery",
        "correct horse batter",
        "correct horse battery ",
        "x",
    ] {
        let answer = verify(&hashers.current, other, &hash).await;
        assert_eq!(answer, PasswordMatch::No, "{other:?}");
    }
}

async fn a19_every_character_counts(hashers: Hashers) {
    let long = "\u{1f511}".repeat(255);
    let pairs = [
        (format!("{long}a"), format!("{long}b")),
        ("a".repeat(72) + "b", "a".repeat(72) + "c"),
        ("before\0after".to_owned(), "before\0other".to_owned()),
        ("before\0".to_owned(), "before".to_owned()),
    ];
    for (own, other) in pairs {
        let hash = hash(&hashers.current, &own).await;
        assert_eq!(verify(&hashers.current, &own, &hash).await, PasswordMatch::Yes);
        assert_eq!(verify(&hashers.current, &other, &hash).await, PasswordMatch::No);
    }
}

async fn a_password_hashed_twice_has_two_hashes(hashers: Hashers) {
    let one = hash(&hashers.current, "correct horse battery").await;
    let other = hash(&hashers.current, "correct horse battery").await;
    assert_ne!(one.as_phc(), other.as_phc());
}

async fn a02_no_hash_matches_nothing(hashers: Hashers) {
    for text in ["correct horse battery", " "] {
        let answer = hashers.current.verify(password(text), None).await;
        assert_eq!(answer, Ok(PasswordMatch::No));
    }
}

async fn a_hash_of_former_parameters_matches_and_is_outdated(hashers: Hashers) {
    let hash = hash(&hashers.former, "correct horse battery").await;
    let answer = verify(&hashers.current, "correct horse battery", &hash).await;
    assert_eq!(answer, PasswordMatch::YesButOutdated);
    let answer = verify(&hashers.current, "another password", &hash).await;
    assert_eq!(answer, PasswordMatch::No);
}

async fn a_hash_that_cannot_be_read_matches_nothing(hashers: Hashers) {
    for phc in [
        "",
        "$",
        "correct horse battery",
        "$argon2id$",
        "$2b$12$correct horse battery",
    ] {
        let hash = PasswordHash::from_phc(phc.to_owned());
        let answer = hashers
            .current
            .verify(password("correct horse battery"), Some(hash))
            .await;
        let matched = matches!(answer, Ok(PasswordMatch::Yes | PasswordMatch::YesButOutdated));
        assert!(!matched, "{phc}");
    }
}

async fn simultaneous_callers_get_their_own_answers(hashers: Hashers) {
    let answers = all_at_once(8, |number| {
        let (hasher, own) = (Arc::clone(&hashers.current), format!("password number {number}"));
        async move {
            let hash = hash(&hasher, &own).await;
            let other = format!("{own}0");
            (verify(&hasher, &own, &hash).await, verify(&hasher, &other, &hash).await)
        }
    });
    assert_eq!(answers.await, vec![(PasswordMatch::Yes, PasswordMatch::No); 8]);
}

fn password(text: &str) -> Password {
    Password::parse(&text.into()).unwrap()
}

async fn hash(hasher: &Arc<dyn PasswordHasher>, text: &str) -> PasswordHash {
    hasher.hash(password(text)).await.unwrap()
}

async fn verify(hasher: &Arc<dyn PasswordHasher>, text: &str, hash: &PasswordHash) -> PasswordMatch {
    hasher.verify(password(text), Some(hash.clone())).await.unwrap()
}
