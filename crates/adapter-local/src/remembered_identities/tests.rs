use super::*;
use gatewright_domain::access::claims::AccessClaims;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::settings::UserSettings;
use gatewright_domain::account::user::{User, UserStatus};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use time::macros::datetime;
use uuid::Uuid;

const NOW: Timestamp = datetime!(2026-11-21 06:14:07 UTC);
const GOOD_UNTIL: Timestamp = datetime!(2026-11-21 06:29:07 UTC);
const ROOM: u64 = 64 * 1024 * 1024;

fn memory_of(max_bytes: u64) -> MokaRememberedIdentities {
    MokaRememberedIdentities::new(max_bytes, Duration::minutes(15))
}

fn session_id(number: usize) -> SessionId {
    SessionId(Uuid::from_u128(number as u128))
}

fn user_id(number: usize) -> UserId {
    UserId(Uuid::from_u128(number as u128))
}

fn identity(user: usize, session: usize) -> Arc<Identity> {
    let claims = AccessClaims {
        user_id: user_id(user),
        session_id: session_id(session),
        token_id: Uuid::nil(),
        issued_at: NOW,
        expires_at: GOOD_UNTIL,
        authenticated_at: NOW,
        methods: [].into(),
        roles: [].into(),
        permissions: [].into(),
    };
    let user = User {
        id: claims.user_id,
        email: EmailAddress::parse("ann@example.org").unwrap(),
        email_verified_at: None,
        username: None,
        display_name: None,
        roles: [].into(),
        settings: UserSettings::default(),
        status: UserStatus::Active,
        created_at: NOW,
        updated_at: NOW,
        last_login_at: None,
    };
    Arc::new(Identity {
        claims,
        user,
        good_until: GOOD_UNTIL,
    })
}

fn knows(memory: &MokaRememberedIdentities, token: &str) -> bool {
    memory.recall(token, NOW).is_some()
}

#[test]
fn a_forgotten_session_of_a_living_user_can_be_remembered_and_forgotten_again() {
    let memory = memory_of(ROOM);
    for _ in 0..2 {
        memory.remember("a", identity(1, 1), memory.epoch());
        assert!(knows(&memory, "a"));
        memory.forget_user(user_id(1));
        assert!(!knows(&memory, "a"));
        memory.remember("a", identity(1, 1), memory.epoch());
        assert!(knows(&memory, "a"));
        memory.forget_session(session_id(1));
        assert!(!knows(&memory, "a"));
    }
}

#[test]
fn a_held_identity_marked_as_forgotten_is_not_told_even_if_the_cache_still_has_it() {
    let memory = memory_of(ROOM);
    memory.remember("a", identity(1, 1), memory.epoch());
    let _ = memory.index().forget_session(session_id(1));
    assert!(memory.cache.contains_key(&digest_of("a")));
    assert!(!knows(&memory, "a"));
}

#[test]
fn the_memory_and_its_index_stay_bounded() {
    let held = 100;
    let memory = memory_of(held * u64::from(bytes_of(&identity(1, 1))));
    for number in 0..50_000 {
        memory.remember(&number.to_string(), identity(number, number), memory.epoch());
    }
    memory.cache.run_pending_tasks();
    assert!(memory.cache.entry_count() <= held);
    assert!(memory.index().len() < 5_000, "{}", memory.index().len());
}

#[test]
fn large_settings_take_their_share_of_the_room() {
    let mut large = (*identity(1, 1)).clone();
    large.user.settings = UserSettings::from_json(format!("{{\"a\":\"{}\"}}", "x".repeat(10_000))).unwrap();
    assert!(bytes_of(&large) > bytes_of(&identity(1, 1)) + 10_000);
}

/// Sessions that live in a store, are read and remembered by some threads and ended by another, while the memory is so
/// small that it forgets by itself all the time.
struct Scene {
    memory: MokaRememberedIdentities,
    ended_in_store: Vec<AtomicBool>,
    forgotten: Vec<AtomicBool>,
    recalled: AtomicUsize,
}

const SESSIONS: usize = 40_000;
const SESSIONS_OF_A_USER: usize = 4;

impl Scene {
    fn new() -> Self {
        let flags = || (0..SESSIONS).map(|_| AtomicBool::new(false)).collect();
        Self {
            memory: memory_of(64 * u64::from(bytes_of(&identity(1, 1)))),
            ended_in_store: flags(),
            forgotten: flags(),
            recalled: AtomicUsize::new(0),
        }
    }

    /// What a request does.
    fn request(&self, session: usize) {
        let token = session.to_string();
        let was_forgotten = self.forgotten[session].load(Ordering::SeqCst);
        if self.memory.recall(&token, NOW).is_some() {
            assert!(!was_forgotten, "session {session} was told after it was forgotten");
            self.recalled.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let epoch = self.memory.epoch();
        if !self.ended_in_store[session].load(Ordering::SeqCst) {
            thread::yield_now();
            let user = session / SESSIONS_OF_A_USER;
            self.memory.remember(&token, identity(user, session), epoch);
        }
    }

    /// What signing out does: the store first, then the memory.
    fn end(&self, sessions: &[usize], forget: impl Fn(&MokaRememberedIdentities)) {
        for session in sessions {
            self.ended_in_store[*session].store(true, Ordering::SeqCst);
        }
        forget(&self.memory);
        for session in sessions {
            self.forgotten[*session].store(true, Ordering::SeqCst);
            self.request(*session);
        }
    }

    fn end_all_one_user_after_another(&self, live: &AtomicUsize) {
        for user in 0..SESSIONS / SESSIONS_OF_A_USER {
            let first = user * SESSIONS_OF_A_USER;
            live.store(first, Ordering::Relaxed);
            self.end(&[first], |memory| memory.forget_session(session_id(first)));
            let rest: Vec<usize> = (first + 1..first + SESSIONS_OF_A_USER).collect();
            self.end(&rest, |memory| memory.forget_user(user_id(user)));
        }
    }
}

#[test]
fn a72_no_thread_is_told_of_a_session_after_it_was_forgotten() {
    let scene = Scene::new();
    let live = AtomicUsize::new(0);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for reader in 0..4 {
            let (scene, live, is_over) = (&scene, &live, &is_over);
            scope.spawn(move || {
                for step in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    // Around the one that is being ended, where the races are.
                    let near = live.load(Ordering::Relaxed) + (step * 7 + reader) % 12;
                    scene.request(near.saturating_sub(4).min(SESSIONS - 1));
                }
            });
        }
        let ender = scope.spawn(|| scene.end_all_one_user_after_another(&live));
        let outcome = ender.join();
        is_over.store(true, Ordering::Relaxed);
        outcome.unwrap();
    });
    assert!(
        scene.recalled.load(Ordering::Relaxed) > 0,
        "the memory was never of use"
    );
    for session in 0..SESSIONS {
        assert!(!knows(&scene.memory, &session.to_string()), "{session}");
    }
}
