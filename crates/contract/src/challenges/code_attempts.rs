//! Trying codes: counted before they are compared, per flow and per address.

use super::subjects;
use crate::exactly::assert_same_challenge;
use crate::insertions::insert_challenge;
use crate::race::all_at_once;
use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON, challenge, digest, id};
use crate::storage::Storage;
use gatewright_application::ports::challenges::CodeAttempt;
use gatewright_application::ports::change::{ChallengeChange, Change};
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::account::challenge::{Challenge, ChallengePolicy, ChallengePurpose, ChallengeSubject, FlowId};
use gatewright_domain::{Duration, Timestamp};

/// Three tries a code, five an address in a minute: small enough to be used up before a code expires.
const POLICY: ChallengePolicy = ChallengePolicy {
    code_ttl: Duration::minutes(10),
    verification_link_ttl: Duration::hours(24),
    reset_link_ttl: Duration::minutes(15),
    attempts_per_code: 3,
    failures_per_address: 5,
    failure_window: Duration::minutes(1),
};

pub(super) async fn run_all<F, Fut>(factory: &F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(factory, a_try_tells_the_challenge).await;
    on_fresh(factory, an_unknown_flow_has_no_tries).await;
    on_fresh(factory, a44_a_flow_has_no_tries_for_another_purpose).await;
    on_fresh(factory, a_challenge_without_a_code_has_no_tries).await;
    on_fresh(factory, a_used_challenge_has_no_tries).await;
    on_fresh(factory, a47_a_code_expires_to_the_microsecond).await;
    on_fresh(factory, a39_a_code_has_so_many_tries).await;
    on_fresh(factory, a40_an_address_has_so_many_tries_over_all_its_flows).await;
    on_fresh(factory, addresses_are_counted_apart).await;
    on_fresh(
        factory,
        the_window_of_an_address_begins_with_the_first_try_and_ends_by_itself,
    )
    .await;
    on_fresh(factory, what_the_flow_refuses_is_not_counted_against_the_address).await;
    on_fresh(factory, what_the_address_refuses_is_not_counted_against_the_flow).await;
    on_fresh(factory, an_expired_code_counts_nothing).await;
    on_fresh(factory, a_reset_gives_the_address_its_tries_back).await;
    on_fresh(factory, a43_simultaneous_tries_of_one_flow_keep_its_limit).await;
    on_fresh(
        factory,
        a43_simultaneous_tries_of_many_flows_keep_the_limit_of_the_address,
    )
    .await;
}

async fn a_try_tells_the_challenge(storage: Storage) {
    for (number, subject) in (1..).zip(subjects()) {
        let challenge = challenge(number, subject);
        storage.given([insert_challenge(&challenge)]).await;
        let attempt = claim(&storage, &challenge, NOON).await;
        let CodeAttempt::Granted(granted) = attempt else {
            panic!("{attempt:?}")
        };
        assert_same_challenge(&granted, &challenge);
    }
}

async fn an_unknown_flow_has_no_tries(storage: Storage) {
    storage.given([insert_challenge(&decoy(1, 1))]).await;
    assert_eq!(claim(&storage, &decoy(2, 1), NOON).await, CodeAttempt::Refused);
}

async fn a44_a_flow_has_no_tries_for_another_purpose(storage: Storage) {
    storage.given([insert_challenge(&decoy(1, 1))]).await;
    for purpose in [ChallengePurpose::Registration, ChallengePurpose::EmailChange] {
        let of_other_purpose = Challenge { purpose, ..decoy(1, 1) };
        let attempt = claim(&storage, &of_other_purpose, NOON).await;
        assert_eq!(attempt, CodeAttempt::Refused, "{purpose:?}");
    }
    assert_eq!(
        granted_of(&storage, &decoy(1, 1), 10, NOON).await,
        3,
        "other purposes cost no try"
    );
}

async fn a_challenge_without_a_code_has_no_tries(storage: Storage) {
    let link_only = Challenge {
        code: None,
        ..decoy(1, 1)
    };
    storage.given([insert_challenge(&link_only)]).await;
    assert_eq!(claim(&storage, &link_only, NOON).await, CodeAttempt::Refused);
}

async fn a_used_challenge_has_no_tries(storage: Storage) {
    let flow = FlowId(id(1));
    storage.given([insert_challenge(&decoy(1, 1))]).await;
    storage
        .given([Change::Challenge(ChallengeChange::Consume { flow, at: NOON })])
        .await;
    assert_eq!(claim(&storage, &decoy(1, 1), NOON).await, CodeAttempt::Refused);
}

async fn a47_a_code_expires_to_the_microsecond(storage: Storage) {
    let challenge = decoy(1, 1);
    storage.given([insert_challenge(&challenge)]).await;
    let end = challenge.code_expires_at;
    assert_eq!(claim(&storage, &challenge, end).await, CodeAttempt::Expired);
    let just_before = claim(&storage, &challenge, end - MICROSECOND).await;
    assert_eq!(just_before, CodeAttempt::Granted(challenge));
}

async fn a39_a_code_has_so_many_tries(storage: Storage) {
    storage.given([insert_challenge(&decoy(1, 1))]).await;
    for _ in 0..POLICY.attempts_per_code {
        let attempt = claim(&storage, &decoy(1, 1), NOON).await;
        assert_eq!(attempt, CodeAttempt::Granted(decoy(1, 1)));
    }
    let after_the_window = NOON + POLICY.failure_window * 2;
    for now in [NOON, after_the_window] {
        assert_eq!(claim(&storage, &decoy(1, 1), now).await, CodeAttempt::Refused);
    }
}

async fn a40_an_address_has_so_many_tries_over_all_its_flows(storage: Storage) {
    storage
        .given([1, 2, 3].map(|flow| insert_challenge(&decoy(flow, 1))))
        .await;
    let mut granted = Vec::new();
    for flow in [1, 2, 3] {
        granted.push(granted_of(&storage, &decoy(flow, 1), 10, NOON).await);
    }
    assert_eq!(granted, [3, 2, 0]);
}

async fn addresses_are_counted_apart(storage: Storage) {
    storage
        .given([1, 2, 3].map(|flow| insert_challenge(&decoy(flow, flow))))
        .await;
    for flow in [1, 2, 3] {
        assert_eq!(granted_of(&storage, &decoy(flow, flow), 10, NOON).await, 3, "{flow}");
    }
}

async fn the_window_of_an_address_begins_with_the_first_try_and_ends_by_itself(storage: Storage) {
    storage
        .given([1, 2, 3].map(|flow| insert_challenge(&decoy(flow, 1))))
        .await;
    let end = NOON + POLICY.failure_window;
    assert_eq!(granted_of(&storage, &decoy(1, 1), 1, NOON).await, 1);
    assert_eq!(granted_of(&storage, &decoy(2, 1), 3, end - MICROSECOND).await, 3);
    assert_eq!(granted_of(&storage, &decoy(3, 1), 3, end - MICROSECOND).await, 1);
    assert_eq!(
        granted_of(&storage, &decoy(3, 1), 3, end).await,
        2,
        "all that is left of the flow"
    );
}

async fn what_the_flow_refuses_is_not_counted_against_the_address(storage: Storage) {
    storage
        .given([1, 2].map(|flow| insert_challenge(&decoy(flow, 1))))
        .await;
    assert_eq!(granted_of(&storage, &decoy(1, 1), 20, NOON).await, 3);
    assert_eq!(granted_of(&storage, &decoy(2, 1), 20, NOON).await, 2);
}

async fn what_the_address_refuses_is_not_counted_against_the_flow(storage: Storage) {
    storage
        .given([1, 2, 3].map(|flow| insert_challenge(&decoy(flow, 1))))
        .await;
    for flow in [1, 2, 3] {
        granted_of(&storage, &decoy(flow, 1), 20, NOON).await;
    }
    let end = NOON + POLICY.failure_window;
    assert_eq!(granted_of(&storage, &decoy(3, 1), 20, end).await, 3);
}

async fn an_expired_code_counts_nothing(storage: Storage) {
    let expired = Challenge {
        code_expires_at: NOON,
        ..decoy(1, 1)
    };
    storage
        .given([insert_challenge(&expired), insert_challenge(&decoy(2, 1))])
        .await;
    for _ in 0..10 {
        assert_eq!(claim(&storage, &expired, NOON).await, CodeAttempt::Expired);
    }
    assert_eq!(granted_of(&storage, &decoy(2, 1), 10, NOON).await, 3);
    assert_eq!(granted_of(&storage, &expired, 10, NOON - MICROSECOND).await, 2);
}

async fn a_reset_gives_the_address_its_tries_back(storage: Storage) {
    storage
        .given([1, 2, 3].map(|flow| insert_challenge(&decoy(flow, 1))))
        .await;
    assert_eq!(granted_of(&storage, &decoy(1, 1), 3, NOON).await, 3);
    assert_eq!(granted_of(&storage, &decoy(2, 1), 3, NOON).await, 2);
    storage.given([Change::ResetCounter(decoy(1, 1).failure_counter)]).await;
    assert_eq!(
        granted_of(&storage, &decoy(1, 1), 3, NOON).await,
        0,
        "the flow's own tries stay used"
    );
    assert_eq!(granted_of(&storage, &decoy(3, 1), 3, NOON).await, 3);
}

async fn a43_simultaneous_tries_of_one_flow_keep_its_limit(storage: Storage) {
    storage.given([insert_challenge(&decoy(1, 1))]).await;
    let attempts = all_at_once(200, |_| {
        let storage = storage.clone();
        async move { claim(&storage, &decoy(1, 1), NOON).await }
    });
    assert_eq!(granted_among(&attempts.await), 3);
}

async fn a43_simultaneous_tries_of_many_flows_keep_the_limit_of_the_address(storage: Storage) {
    storage
        .given((0..10).map(|flow| insert_challenge(&decoy(flow, 1))))
        .await;
    let attempts = all_at_once(100, |number| {
        let (storage, flow) = (storage.clone(), u32::try_from(number % 10).unwrap());
        async move { claim(&storage, &decoy(flow, 1), NOON).await }
    });
    assert_eq!(granted_among(&attempts.await), 5);
}

/// A decoy, counted under the address of that number: it is tried like any other.
fn decoy(flow: u32, address: u32) -> Challenge {
    Challenge {
        failure_counter: CounterKey(digest(b'f', address)),
        ..challenge(flow, ChallengeSubject::Nobody)
    }
}

async fn claim(storage: &Storage, challenge: &Challenge, now: Timestamp) -> CodeAttempt {
    let (flow, purpose) = (challenge.id, challenge.purpose);
    let attempt = storage.challenges.claim_code_attempt(flow, purpose, &POLICY, now);
    attempt.await.unwrap()
}

/// Asks for `tries` one after another and counts those granted.
async fn granted_of(storage: &Storage, challenge: &Challenge, tries: u32, now: Timestamp) -> usize {
    let mut attempts = Vec::new();
    for _ in 0..tries {
        attempts.push(claim(storage, challenge, now).await);
    }
    granted_among(&attempts)
}

fn granted_among(attempts: &[CodeAttempt]) -> usize {
    let granted = |attempt: &&CodeAttempt| matches!(attempt, CodeAttempt::Granted(_));
    attempts.iter().filter(granted).count()
}
