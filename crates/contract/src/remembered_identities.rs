//! The contract of [`RememberedIdentities`].

use crate::running::check;
use crate::samples::{MICROSECOND, NOON, id, user};
use gatewright_application::ports::remembered_identities::RememberedIdentities;
use gatewright_application::session::identity::Identity;
use gatewright_domain::access::claims::AccessClaims;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;
use gatewright_domain::{Duration, Timestamp};
use std::sync::{Arc, Barrier};
use std::thread;

/// Runs every case on a fresh memory with room for a hundred tokens.
pub fn suite<Memory: RememberedIdentities>(fresh: impl Fn() -> Memory) {
    on_fresh(&fresh, an_empty_memory_recalls_nobody);
    on_fresh(&fresh, the_very_token_is_recalled_with_its_identity);
    on_fresh(&fresh, a_token_is_recalled_until_its_identity_is_no_longer_good);
    on_fresh(&fresh, a72_all_tokens_of_a_forgotten_session_are_forgotten);
    on_fresh(&fresh, a72_all_tokens_of_a_forgotten_user_are_forgotten);
    on_fresh(&fresh, a72_all_tokens_of_everybody_are_forgotten);
    on_fresh(&fresh, a_token_remembered_twice_is_forgotten_whole);
    on_fresh(
        &fresh,
        a72_what_was_read_before_anything_was_forgotten_is_not_remembered,
    );
    on_fresh(&fresh, what_is_read_after_forgetting_is_remembered);
    on_fresh(&fresh, a72_a_reader_that_meets_a_forgetter_leaves_nothing_behind);
    on_fresh(&fresh, a72_nothing_is_told_once_forgetting_has_returned);
}

fn on_fresh<Memory: RememberedIdentities>(fresh: &impl Fn() -> Memory, case: impl FnOnce(&dyn RememberedIdentities)) {
    let memory: &dyn RememberedIdentities = &fresh();
    check(case, memory);
}

/// Shows `memory` twenty times as many tokens as it may hold and asserts that it recalls at most so many.
pub fn stays_bounded(memory: &dyn RememberedIdentities, at_most: u32) {
    check(recalls_no_more_than, (memory, at_most));
}

fn recalls_no_more_than((memory, at_most): (&dyn RememberedIdentities, u32)) {
    let tokens = 0..at_most * 20;
    for number in tokens.clone() {
        remember(memory, &format!("token-{number}"), number, number);
    }
    let recalled = tokens
        .filter(|number| knows(memory, &format!("token-{number}")))
        .count();
    assert!(recalled <= usize::try_from(at_most).unwrap(), "{recalled}");
}

const GOOD_UNTIL: Timestamp = NOON.saturating_add(Duration::minutes(15));

fn an_empty_memory_recalls_nobody(memory: &dyn RememberedIdentities) {
    assert_eq!(memory.recall("token", NOON), None);
    memory.forget_session(SessionId(id(1)));
    memory.forget_user(UserId(id(1)));
    memory.forget_all();
}

fn the_very_token_is_recalled_with_its_identity(memory: &dyn RememberedIdentities) {
    remember(memory, "token", 1, 11);
    remember(memory, "another", 2, 12);
    assert_eq!(memory.recall("token", NOON), Some(identity(1, 11)));
    assert_eq!(memory.recall("another", NOON), Some(identity(2, 12)));
    for other in ["Token", "toke", "token ", "", "tokenanother"] {
        assert_eq!(memory.recall(other, NOON), None, "{other:?}");
    }
}

fn a_token_is_recalled_until_its_identity_is_no_longer_good(memory: &dyn RememberedIdentities) {
    remember(memory, "token", 1, 11);
    let last_moment = GOOD_UNTIL - MICROSECOND;
    assert_eq!(memory.recall("token", last_moment), Some(identity(1, 11)));
    assert_eq!(memory.recall("token", GOOD_UNTIL), None);
}

fn a72_all_tokens_of_a_forgotten_session_are_forgotten(memory: &dyn RememberedIdentities) {
    for (token, session) in [("one", 11), ("two", 11), ("other session", 12)] {
        remember(memory, token, 1, session);
    }
    memory.forget_session(SessionId(id(11)));
    assert!(!knows(memory, "one") && !knows(memory, "two"));
    assert!(knows(memory, "other session"));
}

fn a72_all_tokens_of_a_forgotten_user_are_forgotten(memory: &dyn RememberedIdentities) {
    for (token, user, session) in [("one", 1, 11), ("two", 1, 12), ("other user", 2, 13)] {
        remember(memory, token, user, session);
    }
    memory.forget_user(UserId(id(1)));
    assert!(!knows(memory, "one") && !knows(memory, "two"));
    assert!(knows(memory, "other user"));
}

fn a72_all_tokens_of_everybody_are_forgotten(memory: &dyn RememberedIdentities) {
    for (token, user, session) in [("one", 1, 11), ("two", 1, 12), ("other user", 2, 13)] {
        remember(memory, token, user, session);
    }
    memory.forget_all();
    assert!(!knows(memory, "one") && !knows(memory, "two") && !knows(memory, "other user"));
    remember(memory, "one", 1, 11);
    assert!(knows(memory, "one"));
    memory.forget_user(UserId(id(1)));
    assert!(!knows(memory, "one"));
}

fn a_token_remembered_twice_is_forgotten_whole(memory: &dyn RememberedIdentities) {
    remember(memory, "token", 1, 11);
    remember(memory, "token", 1, 11);
    memory.forget_session(SessionId(id(11)));
    assert!(!knows(memory, "token"));
}

fn a72_what_was_read_before_anything_was_forgotten_is_not_remembered(memory: &dyn RememberedIdentities) {
    let forgettings: [fn(&dyn RememberedIdentities); 4] = [
        |memory| memory.forget_session(SessionId(id(11))),
        |memory| memory.forget_user(UserId(id(1))),
        |memory| memory.forget_user(UserId(id(999))),
        |memory| memory.forget_all(),
    ];
    for forget in forgettings {
        let before = memory.epoch();
        forget(memory);
        assert_ne!(memory.epoch(), before);
        memory.remember("token", identity(1, 11), before);
        assert!(!knows(memory, "token"));
    }
}

fn what_is_read_after_forgetting_is_remembered(memory: &dyn RememberedIdentities) {
    for _ in 0..3 {
        remember(memory, "token", 1, 11);
        assert!(knows(memory, "token"));
        memory.forget_session(SessionId(id(11)));
        assert!(!knows(memory, "token"));
    }
}

/// The epoch was asked for before, so it does not matter who comes first.
fn a72_a_reader_that_meets_a_forgetter_leaves_nothing_behind(memory: &dyn RememberedIdentities) {
    for round in 0..500 {
        let (epoch, start) = (memory.epoch(), Barrier::new(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                memory.remember("token", identity(1, 11), epoch);
            });
            start.wait();
            match round % 3 {
                0 => memory.forget_session(SessionId(id(11))),
                1 => memory.forget_user(UserId(id(1))),
                _ => memory.forget_all(),
            }
        });
        assert!(!knows(memory, "token"), "round {round}");
    }
}

/// While other threads keep remembering what they read before.
fn a72_nothing_is_told_once_forgetting_has_returned(memory: &dyn RememberedIdentities) {
    for round in 0..200 {
        let (epoch, start) = (memory.epoch(), Barrier::new(4));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    start.wait();
                    for _ in 0..10 {
                        memory.remember("token", identity(1, 11), epoch);
                    }
                });
            }
            start.wait();
            memory.forget_session(SessionId(id(11)));
            assert!(!knows(memory, "token"), "round {round}");
        });
    }
}

fn identity(user_number: u32, session: u32) -> Arc<Identity> {
    let user = user(user_number);
    let claims = AccessClaims {
        user_id: user.id,
        session_id: SessionId(id(session)),
        token_id: id(21),
        issued_at: NOON,
        expires_at: GOOD_UNTIL,
        authenticated_at: NOON,
        methods: [].into(),
        roles: user.roles.clone(),
        permissions: [].into(),
    };
    Arc::new(Identity {
        claims,
        user,
        good_until: GOOD_UNTIL,
    })
}

fn remember(memory: &dyn RememberedIdentities, token: &str, user: u32, session: u32) {
    memory.remember(token, identity(user, session), memory.epoch());
}

fn knows(memory: &dyn RememberedIdentities, token: &str) -> bool {
    memory.recall(token, NOON).is_some()
}
