//! What changes of sessions do and expect.

use crate::insertions::{insert_session, insert_user};
use crate::race::all_at_once;
use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON, audit_event, digest, full_session, id, mail, session, user};
use crate::storage::Storage;
use gatewright_application::ports::change::{Change, SessionChange};
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_domain::session::client::{Client, UserAgent};
use gatewright_domain::session::refresh::rotated;
use gatewright_domain::session::session::{RefreshTokenDigest, Session, SessionEnd, SessionId, SessionPolicy};
use gatewright_domain::{Duration, Timestamp};
use std::net::Ipv4Addr;

const LATER: Timestamp = NOON.saturating_add(Duration::hours(1));
const LATEST: Timestamp = LATER.saturating_add(MICROSECOND);

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, a_session_of_an_unknown_user_is_refused).await;
    on_fresh(&factory, a_rotation_stores_token_times_and_client).await;
    on_fresh(&factory, rotations_follow_one_another).await;
    on_fresh(&factory, a_rotation_from_another_generation_is_refused).await;
    on_fresh(&factory, a69_an_ended_session_is_not_rotated).await;
    on_fresh(&factory, an_unknown_session_is_not_rotated).await;
    on_fresh(&factory, a_rotation_leaves_the_other_sessions).await;
    on_fresh(&factory, a66_of_simultaneous_rotations_one_succeeds).await;
    on_fresh(&factory, a69_a_session_that_ends_while_it_is_rotated_has_ended).await;
    on_fresh(&factory, ending_records_when_and_why_and_nothing_else).await;
    on_fresh(&factory, an_ended_session_keeps_its_first_end).await;
    on_fresh(&factory, an_unknown_session_is_not_ended).await;
    on_fresh(&factory, of_simultaneous_ends_one_has_consequences).await;
    on_fresh(&factory, a50_ending_all_ends_all_but_the_excepted_one).await;
    on_fresh(&factory, ending_all_leaves_other_users_and_what_had_ended).await;
}

async fn a_session_of_an_unknown_user_is_refused(storage: Storage) {
    let orphan = of_user(1);
    storage.refuses(Constraint::UserExists, [insert_session(&orphan)]).await;
    assert_eq!(storage.sessions.find_with_user(orphan.id).await, Ok(None));
}

async fn a_rotation_stores_token_times_and_client(storage: Storage) {
    let client = Client {
        device: None,
        address: Some(Ipv4Addr::new(198, 51, 100, 7).into()),
        user_agent: UserAgent::from_header("curl/8.0 \u{1f680}"),
    };
    for (before, client) in [(of_user(11), client), (full_of_user(12), Client::default())] {
        given(&storage, &[&before]).await;
        let token = RefreshTokenDigest(digest(b'n', 1));
        let to = rotated(&before, token, &client, &SessionPolicy::default(), LATER);
        storage.given([rotate(&to)]).await;
        assert_eq!(stored(&storage, before.id).await, to);
    }
}

async fn rotations_follow_one_another(storage: Storage) {
    let mut current = of_user(1);
    given(&storage, &[&current]).await;
    for number in 1..=20 {
        current = successor(&current, number);
        storage.given([rotate(&current)]).await;
        assert_eq!(stored(&storage, current.id).await, current);
    }
}

async fn a_rotation_from_another_generation_is_refused(storage: Storage) {
    let before = full_of_user(1);
    given(&storage, &[&before]).await;
    for generation in [before.generation - 1, before.generation, before.generation + 2] {
        let to = Session {
            generation,
            ..successor(&before, 1)
        };
        storage.refuses(Constraint::SessionUnchanged, [rotate(&to)]).await;
    }
    assert_eq!(stored(&storage, before.id).await, before);
}

async fn a69_an_ended_session_is_not_rotated(storage: Storage) {
    let before = of_user(1);
    given(&storage, &[&before]).await;
    storage.given([end(before.id, LATER, SessionEnd::SignedOut)]).await;
    let to = successor(&before, 1);
    storage.refuses(Constraint::SessionUnchanged, [rotate(&to)]).await;
    assert_eq!(stored(&storage, before.id).await.token, before.token);
}

async fn an_unknown_session_is_not_rotated(storage: Storage) {
    let to = successor(&of_user(1), 1);
    storage.refuses(Constraint::SessionUnchanged, [rotate(&to)]).await;
}

async fn a_rotation_leaves_the_other_sessions(storage: Storage) {
    let (one, other) = (of_user(1), of_user(2));
    given(&storage, &[&one, &other]).await;
    storage.given([rotate(&successor(&one, 1))]).await;
    assert_eq!(stored(&storage, other.id).await, other);
}

async fn a66_of_simultaneous_rotations_one_succeeds(storage: Storage) {
    let before = of_user(1);
    given(&storage, &[&before]).await;
    let outcomes = all_at_once(50, |number| {
        let storage = storage.clone();
        let to = successor(&before, u32::try_from(number).unwrap());
        async move { storage.changes.apply(vec![rotate(&to)]).await.map(|()| to) }
    });
    let (done, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!(done, [Ok(stored(&storage, before.id).await)]);
    assert_eq!(
        refused,
        vec![Err(PortError::Conflict(Constraint::SessionUnchanged)); 49]
    );
}

async fn a69_a_session_that_ends_while_it_is_rotated_has_ended(storage: Storage) {
    let sessions: Vec<Session> = (1..=20).map(of_user).collect();
    given(&storage, &sessions.iter().collect::<Vec<_>>()).await;
    let rotations_and_ends = all_at_once(40, |number| {
        let (storage, session) = (storage.clone(), &sessions[number / 2]);
        let change = if number % 2 == 0 {
            rotate(&successor(session, 1))
        } else {
            end(session.id, LATER, SessionEnd::SignedOut)
        };
        async move { storage.changes.apply(vec![change]).await }
    });
    let outcomes = rotations_and_ends.await;
    for (session, outcomes) in sessions.iter().zip(outcomes.chunks(2)) {
        let found = stored(&storage, session.id).await;
        assert_eq!(found.ended, Some((LATER, SessionEnd::SignedOut)));
        let rotated = found.generation == session.generation + 1;
        assert_eq!(
            outcomes[0].is_ok(),
            rotated,
            "the answer tells whether it was rotated before"
        );
        assert_eq!(outcomes[1], Ok(()));
    }
}

async fn ending_records_when_and_why_and_nothing_else(storage: Storage) {
    let before = full_of_user(1);
    given(&storage, &[&before]).await;
    storage.given([end(before.id, LATER, SessionEnd::TokenReused)]).await;
    let after = Session {
        ended: Some((LATER, SessionEnd::TokenReused)),
        ..before
    };
    assert_eq!(stored(&storage, after.id).await, after);
}

async fn an_ended_session_keeps_its_first_end(storage: Storage) {
    let session = of_user(1);
    given(&storage, &[&session]).await;
    storage.given([end(session.id, LATER, SessionEnd::SignedOut)]).await;
    let again = end(session.id, LATEST, SessionEnd::EndedByUser);
    storage.refuses(Constraint::SessionUnchanged, [again]).await;
    let ended = stored(&storage, session.id).await.ended;
    assert_eq!(ended, Some((LATER, SessionEnd::SignedOut)));
}

async fn an_unknown_session_is_not_ended(storage: Storage) {
    let unknown = end(of_user(1).id, NOON, SessionEnd::SignedOut);
    storage.refuses(Constraint::SessionUnchanged, [unknown]).await;
    storage.given([end_all(1, None)]).await;
}

async fn of_simultaneous_ends_one_has_consequences(storage: Storage) {
    let session = of_user(1);
    given(&storage, &[&session]).await;
    let outcomes = all_at_once(20, |number| {
        let (storage, number) = (storage.clone(), u32::try_from(number).unwrap());
        let changes = vec![
            end(session.id, LATER, SessionEnd::TokenReused),
            Change::Audit(audit_event(number)),
            Change::Mail(mail(number)),
        ];
        async move { storage.changes.apply(changes).await }
    });
    let (done, refused): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1);
    assert_eq!(
        refused,
        vec![Err(PortError::Conflict(Constraint::SessionUnchanged)); 19]
    );
    let mut audited = 0;
    for number in 0..20 {
        audited += usize::from(storage.inspection.holds_audit_event(&audit_event(number)).await);
    }
    assert_eq!(audited, 1);
    let due = storage
        .outbox
        .claim_due(id(1), 50, Duration::hours(1), LATER)
        .await
        .unwrap();
    assert_eq!(due.len(), 1);
}

async fn a50_ending_all_ends_all_but_the_excepted_one(storage: Storage) {
    let sessions = [1, 2, 3].map(of_user);
    given(&storage, &sessions.each_ref()).await;
    storage.given([end_all(1, Some(sessions[1].id))]).await;
    let ended = Some((LATEST, SessionEnd::PasswordReset));
    assert_eq!(ends(&storage, &sessions).await, [ended, None, ended]);
    storage.given([end_all(1, None)]).await;
    assert_eq!(ends(&storage, &sessions).await, [ended, ended, ended]);
}

async fn ending_all_leaves_other_users_and_what_had_ended(storage: Storage) {
    let (own, ended_before) = (of_user(1), of_user(2));
    let others = session(3, user(2).id);
    given(&storage, &[&own, &ended_before]).await;
    storage.given([insert_user(&user(2)), insert_session(&others)]).await;
    storage
        .given([end(ended_before.id, LATER, SessionEnd::SignedOut)])
        .await;
    storage.given([end_all(1, None)]).await;
    let expected = [
        Some((LATEST, SessionEnd::PasswordReset)),
        Some((LATER, SessionEnd::SignedOut)),
        None,
    ];
    assert_eq!(ends(&storage, &[own, ended_before, others]).await, expected);
}

/// A session of the first user.
fn of_user(number: u32) -> Session {
    session(number, user(1).id)
}

/// A session of the first user, with everything.
fn full_of_user(number: u32) -> Session {
    full_session(number, user(1).id)
}

fn successor(session: &Session, number: u32) -> Session {
    let (token, client) = (RefreshTokenDigest(digest(b'n', number)), Client::default());
    rotated(session, token, &client, &SessionPolicy::default(), LATER)
}

fn rotate(to: &Session) -> Change {
    Change::Session(SessionChange::Rotate { to: to.clone() })
}

fn end(id: SessionId, at: Timestamp, reason: SessionEnd) -> Change {
    Change::Session(SessionChange::End { id, at, reason })
}

fn end_all(number: u32, except: Option<SessionId>) -> Change {
    Change::Session(SessionChange::EndAllOf {
        user: user(number).id,
        except,
        at: LATEST,
        reason: SessionEnd::PasswordReset,
    })
}

/// Stores sessions of the first user, and the user where there is none.
async fn given(storage: &Storage, sessions: &[&Session]) {
    if storage.users.find(user(1).id).await.unwrap().is_none() {
        storage.given([insert_user(&user(1))]).await;
    }
    storage
        .given(sessions.iter().map(|session| insert_session(session)))
        .await;
}

async fn stored(storage: &Storage, id: SessionId) -> Session {
    let (session, _) = storage.sessions.find_with_user(id).await.unwrap().unwrap();
    session
}

async fn ends(storage: &Storage, sessions: &[Session; 3]) -> Vec<Option<(Timestamp, SessionEnd)>> {
    let mut ends = Vec::new();
    for session in sessions {
        ends.push(stored(storage, session.id).await.ended);
    }
    ends
}
