//! The contract of [`Sessions`](gatewright_application::ports::sessions::Sessions).

use crate::exactly::assert_same_user;
use crate::insertions::{insert_session, insert_user};
use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON, display_name, full_session, full_user, id, session, user};
use crate::storage::Storage;
use gatewright_application::ports::change::{Change, Edit, SessionChange, UserChange};
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::{Session, SessionEnd, SessionId, SessionPolicy};
use gatewright_domain::{Duration, Timestamp};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, an_empty_store_has_none).await;
    on_fresh(&factory, a_session_comes_back_with_its_user).await;
    on_fresh(&factory, every_kind_of_address_comes_back).await;
    on_fresh(&factory, every_reason_to_end_comes_back).await;
    on_fresh(&factory, a_high_generation_comes_back).await;
    on_fresh(&factory, the_user_is_as_it_is_now).await;
    on_fresh(&factory, session_and_user_are_read_at_one_moment).await;
    on_fresh(&factory, live_sessions_come_most_recently_seen_first).await;
    on_fresh(&factory, an_ended_session_is_not_live).await;
    on_fresh(&factory, an_idle_session_is_not_live).await;
    on_fresh(&factory, an_old_session_is_not_live).await;
    on_fresh(&factory, the_sessions_of_others_are_left_out).await;
}

async fn an_empty_store_has_none(storage: Storage) {
    let found = storage.sessions.find_with_user(SessionId(id(1))).await;
    assert_eq!(found, Ok(None));
    let live = storage.sessions.live_of_user(UserId(id(1)), NOON).await;
    assert_eq!(live, Ok(vec![]));
}

async fn a_session_comes_back_with_its_user(storage: Storage) {
    for (user, session) in [
        (user(1), session(11, UserId(id(1)))),
        (full_user(2), full_session(12, UserId(id(2)))),
    ] {
        storage.given([insert_user(&user), insert_session(&session)]).await;
        let (found, owner) = storage.sessions.find_with_user(session.id).await.unwrap().unwrap();
        assert_eq!(found, session);
        assert_same_user(&owner, &user);
        let live = storage.sessions.live_of_user(user.id, NOON).await;
        assert_eq!(live, Ok(vec![session]));
    }
}

async fn every_kind_of_address_comes_back(storage: Storage) {
    let mapped = Ipv4Addr::new(192, 0, 2, 1).to_ipv6_mapped();
    let addresses = [
        Ipv4Addr::new(192, 0, 2, 1).into(),
        mapped.into(),
        Ipv6Addr::LOCALHOST.into(),
        Ipv6Addr::new(0xfe80, 0, 0, 0, 1, 2, 3, 4).into(),
    ];
    storage.given([insert_user(&user(1))]).await;
    for (number, address) in (1..).zip(addresses) {
        let session = Session {
            address: Some(address),
            ..session(number, user(1).id)
        };
        storage.given([insert_session(&session)]).await;
        assert_eq!(stored(&storage, session.id).await, session);
    }
}

async fn every_reason_to_end_comes_back(storage: Storage) {
    let reasons = [
        SessionEnd::SignedOut,
        SessionEnd::EndedByUser,
        SessionEnd::PasswordChanged,
        SessionEnd::PasswordReset,
        SessionEnd::EmailChanged,
        SessionEnd::TokenReused,
    ];
    storage.given([insert_user(&user(1))]).await;
    for (number, reason) in (1..).zip(reasons) {
        let session = Session {
            ended: Some((NOON + MICROSECOND * 5, reason)),
            ..full_session(number, user(1).id)
        };
        storage.given([insert_session(&session)]).await;
        assert_eq!(stored(&storage, session.id).await, session);
    }
}

async fn a_high_generation_comes_back(storage: Storage) {
    let session = Session {
        generation: i64::from(u32::MAX) + 1,
        ..session(1, user(1).id)
    };
    storage.given([insert_user(&user(1)), insert_session(&session)]).await;
    assert_eq!(stored(&storage, session.id).await, session);
}

async fn the_user_is_as_it_is_now(storage: Storage) {
    let session = session(1, user(1).id);
    storage.given([insert_user(&user(1)), insert_session(&session)]).await;
    storage.given([rename(user(1).id, "Renamed")]).await;
    let (_, owner) = storage.sessions.find_with_user(session.id).await.unwrap().unwrap();
    assert_eq!(owner.display_name, Some(display_name("Renamed")));
}

/// Every write moves the session's generation and the user's name together, so no read may see them apart.
async fn session_and_user_are_read_at_one_moment(storage: Storage) {
    let first = session(1, user(1).id);
    storage
        .given([insert_user(&user(1)), insert_session(&first), rename(user(1).id, "0")])
        .await;
    let (writing, to_rotate) = (storage.clone(), first.clone());
    let writer = tokio::spawn(async move {
        for generation in 1..=100 {
            let to = Session {
                generation,
                ..to_rotate.clone()
            };
            let rotate = Change::Session(SessionChange::Rotate { to });
            writing
                .given([rotate, rename(to_rotate.user_id, &generation.to_string())])
                .await;
        }
    });
    while !writer.is_finished() {
        let (session, owner) = storage.sessions.find_with_user(first.id).await.unwrap().unwrap();
        assert_eq!(owner.display_name, Some(display_name(&session.generation.to_string())));
        tokio::task::yield_now().await;
    }
    writer.await.unwrap();
}

async fn live_sessions_come_most_recently_seen_first(storage: Storage) {
    let seen = |number: u32, last_seen_at: Timestamp| Session {
        last_seen_at,
        ..session(number, user(1).id)
    };
    let second = seen(1, NOON + MICROSECOND);
    let last = seen(2, NOON + Duration::hours(1));
    let first = seen(3, NOON);
    storage.given([insert_user(&user(1))]).await;
    storage.given([&second, &last, &first].map(insert_session)).await;
    assert_eq!(live(&storage, NOON).await, [last.id, second.id, first.id]);
}

async fn an_ended_session_is_not_live(storage: Storage) {
    let ended = Session {
        ended: Some((NOON, SessionEnd::SignedOut)),
        ..session(1, user(1).id)
    };
    let going_on = session(2, user(1).id);
    storage.given([insert_user(&user(1))]).await;
    storage.given([&ended, &going_on].map(insert_session)).await;
    assert_eq!(live(&storage, NOON).await, [going_on.id]);
}

async fn an_idle_session_is_not_live(storage: Storage) {
    let session = session(1, user(1).id);
    storage.given([insert_user(&user(1)), insert_session(&session)]).await;
    let end = NOON + SessionPolicy::default().idle_ttl;
    assert_eq!(session.idle_expires_at, end);
    assert_eq!(live(&storage, end - MICROSECOND).await, [session.id]);
    assert_eq!(live(&storage, end).await, []);
}

async fn an_old_session_is_not_live(storage: Storage) {
    let end = NOON + SessionPolicy::default().absolute_ttl;
    let session = Session {
        idle_expires_at: end + Duration::days(1),
        expires_at: end,
        ..session(1, user(1).id)
    };
    storage.given([insert_user(&user(1)), insert_session(&session)]).await;
    assert_eq!(live(&storage, end - MICROSECOND).await, [session.id]);
    assert_eq!(live(&storage, end).await, []);
}

async fn the_sessions_of_others_are_left_out(storage: Storage) {
    let (own, other) = (session(1, user(1).id), session(2, user(2).id));
    storage.given([1, 2].map(|number| insert_user(&user(number)))).await;
    storage.given([&own, &other].map(insert_session)).await;
    assert_eq!(live(&storage, NOON).await, [own.id]);
}

fn rename(id: UserId, name: &str) -> Change {
    Change::User(UserChange::EditProfile {
        id,
        username: Edit::Keep,
        display_name: Edit::Set(Some(display_name(name))),
        settings: Edit::Keep,
        at: NOON,
    })
}

async fn stored(storage: &Storage, id: SessionId) -> Session {
    let (session, _) = storage.sessions.find_with_user(id).await.unwrap().unwrap();
    session
}

/// The live sessions of the first user.
async fn live(storage: &Storage, now: Timestamp) -> Vec<SessionId> {
    let live = storage.sessions.live_of_user(user(1).id, now).await.unwrap();
    live.into_iter().map(|session| session.id).collect()
}
