//! What changes of challenges do.

use crate::insertions::{insert_challenge, insert_user};
use crate::race::all_at_once;
use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON, address, challenge, id, user};
use crate::storage::Storage;
use gatewright_application::ports::challenges::CodeAttempt;
use gatewright_application::ports::change::{ChallengeChange, Change};
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::{Challenge, ChallengePolicy, ChallengePurpose, ChallengeSubject};
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;

const LATER: Timestamp = NOON.saturating_add(MICROSECOND);

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, consuming_records_when).await;
    on_fresh(&factory, a42_a_challenge_is_consumed_once).await;
    on_fresh(&factory, a42_of_simultaneous_consumes_one_succeeds).await;
    on_fresh(&factory, an_unknown_challenge_cannot_be_consumed).await;
    on_fresh(&factory, consuming_one_leaves_the_others).await;
    on_fresh(&factory, a38_voiding_makes_every_unused_one_worthless).await;
    on_fresh(&factory, voiding_leaves_what_was_used_before).await;
    on_fresh(&factory, voiding_leaves_other_users_and_purposes).await;
    on_fresh(&factory, voiding_nothing_is_no_error).await;
}

async fn consuming_records_when(storage: Storage) {
    storage.given([insert_challenge(&reset(1, 1))]).await;
    storage.given([consume(&reset(1, 1), LATER)]).await;
    let consumed = Challenge {
        consumed_at: Some(LATER),
        ..reset(1, 1)
    };
    assert_eq!(found(&storage, &reset(1, 1)).await, consumed);
}

async fn a42_a_challenge_is_consumed_once(storage: Storage) {
    storage.given([insert_challenge(&reset(1, 1))]).await;
    storage.given([consume(&reset(1, 1), NOON)]).await;
    storage
        .refuses(Constraint::ChallengeUnused, [consume(&reset(1, 1), LATER)])
        .await;
    assert_eq!(found(&storage, &reset(1, 1)).await.consumed_at, Some(NOON));
}

async fn a42_of_simultaneous_consumes_one_succeeds(storage: Storage) {
    storage.given([insert_challenge(&reset(1, 1))]).await;
    let outcomes = all_at_once(50, |_| {
        let storage = storage.clone();
        async move { storage.changes.apply(vec![consume(&reset(1, 1), NOON)]).await }
    });
    let (done, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    assert_eq!(refused, vec![Err(PortError::Conflict(Constraint::ChallengeUnused)); 49]);
}

async fn an_unknown_challenge_cannot_be_consumed(storage: Storage) {
    storage
        .refuses(Constraint::ChallengeUnused, [consume(&reset(1, 1), NOON)])
        .await;
}

async fn consuming_one_leaves_the_others(storage: Storage) {
    storage
        .given([1, 2].map(|flow| insert_challenge(&reset(flow, 1))))
        .await;
    storage.given([consume(&reset(1, 1), NOON)]).await;
    assert_eq!(found(&storage, &reset(2, 1)).await, reset(2, 1));
}

async fn a38_voiding_makes_every_unused_one_worthless(storage: Storage) {
    let changes = [email_change(11, 1), email_change(12, 1)];
    let resets = [reset(13, 1), reset(14, 1)];
    for challenges in [changes, resets] {
        storage.given(challenges.iter().map(insert_challenge)).await;
        storage.given([void_all_of(1, challenges[0].purpose, LATER)]).await;
        for challenge in &challenges {
            assert_eq!(found(&storage, challenge).await.consumed_at, Some(LATER));
            assert_eq!(try_code(&storage, challenge).await, CodeAttempt::Refused);
            storage
                .refuses(Constraint::ChallengeUnused, [consume(challenge, LATER)])
                .await;
        }
    }
}

async fn voiding_leaves_what_was_used_before(storage: Storage) {
    storage.given([insert_challenge(&reset(1, 1))]).await;
    storage.given([consume(&reset(1, 1), NOON)]).await;
    storage
        .given([void_all_of(1, ChallengePurpose::PasswordReset, LATER)])
        .await;
    assert_eq!(found(&storage, &reset(1, 1)).await.consumed_at, Some(NOON));
}

async fn voiding_leaves_other_users_and_purposes(storage: Storage) {
    let decoy = challenge(4, ChallengeSubject::Nobody);
    let spared = [email_change(2, 1), reset(3, 2), decoy];
    storage.given([1, 2].map(|number| insert_user(&user(number)))).await;
    storage.given([insert_challenge(&reset(1, 1))]).await;
    storage.given(spared.iter().map(insert_challenge)).await;
    storage
        .given([void_all_of(1, ChallengePurpose::PasswordReset, LATER)])
        .await;
    for challenge in spared {
        assert_eq!(found(&storage, &challenge).await, challenge);
        assert_eq!(try_code(&storage, &challenge).await, CodeAttempt::Granted(challenge));
    }
}

async fn voiding_nothing_is_no_error(storage: Storage) {
    storage
        .given([void_all_of(1, ChallengePurpose::EmailChange, NOON)])
        .await;
}

fn reset(flow: u32, user: u32) -> Challenge {
    challenge(flow, ChallengeSubject::PasswordReset { user: UserId(id(user)) })
}

fn email_change(flow: u32, user: u32) -> Challenge {
    let subject = ChallengeSubject::EmailChange {
        user: UserId(id(user)),
        new_email: address(90),
        session: SessionId(id(91)),
    };
    challenge(flow, subject)
}

fn consume(challenge: &Challenge, at: Timestamp) -> Change {
    let flow = challenge.id;
    Change::Challenge(ChallengeChange::Consume { flow, at })
}

fn void_all_of(user: u32, purpose: ChallengePurpose, at: Timestamp) -> Change {
    let user = UserId(id(user));
    Change::Challenge(ChallengeChange::VoidAllOf { user, purpose, at })
}

async fn found(storage: &Storage, challenge: &Challenge) -> Challenge {
    let found = storage
        .challenges
        .find_by_link(challenge.purpose, &challenge.link)
        .await;
    found.unwrap().unwrap()
}

async fn try_code(storage: &Storage, challenge: &Challenge) -> CodeAttempt {
    let (flow, purpose, policy) = (challenge.id, challenge.purpose, ChallengePolicy::default());
    let attempt = storage.challenges.claim_code_attempt(flow, purpose, &policy, NOON);
    attempt.await.unwrap()
}
