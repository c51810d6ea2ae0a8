//! Statements that are sent together.

use crate::fresh_storage::fresh_store;
use gatewright_application::ports::change::{Change, Changes, SessionChange, UserChange};
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_application::ports::sessions::Sessions;
use gatewright_contract::samples::{NOON, id, mail, session, user};
use gatewright_domain::session::session::{Session, SessionEnd, SessionId};

/// A session needs its user, a rotation its session, an end the rotated one.
fn history(number: u32) -> Vec<Change> {
    let user = user(number);
    let begun = session(number, user.id);
    let to = Session {
        generation: 1,
        ..begun.clone()
    };
    vec![
        Change::User(UserChange::Insert { user, password: None }),
        Change::Session(SessionChange::Insert(begun)),
        Change::Mail(mail(number)),
        Change::Session(SessionChange::Rotate { to }),
        Change::Session(SessionChange::End {
            id: SessionId(id(number)),
            at: NOON,
            reason: SessionEnd::SignedOut,
        }),
    ]
}

/// The connection has yet to prepare every one of them, which takes as long as it takes.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_keeps_its_order_on_a_new_connection() {
    let (_schema, store) = fresh_store().await;
    let changes: Vec<Change> = (1..=100).flat_map(history).collect();
    store.apply(changes).await.unwrap();
    for number in 1..=100 {
        let found = store.find_with_user(SessionId(id(number))).await.unwrap();
        let (session, _) = found.unwrap();
        assert_eq!((session.generation, session.ended.is_some()), (1, true));
    }
}

/// What comes after a conflict runs in vain, and fails for reasons of its own.
#[tokio::test]
async fn the_first_conflict_of_a_list_is_the_one_that_is_named() {
    let (_schema, store) = fresh_store().await;
    let no_user = Change::User(UserChange::Delete { id: user(7).id });
    let no_session = Change::Session(SessionChange::Rotate {
        to: session(7, user(7).id),
    });
    for (first, second, named) in [
        (&no_user, &no_session, Constraint::UserExists),
        (&no_session, &no_user, Constraint::SessionUnchanged),
    ] {
        let mut changes = history(1);
        changes.extend([first.clone(), second.clone()]);
        changes.extend(history(1));
        assert_eq!(store.apply(changes).await, Err(PortError::Conflict(named)));
    }
    store.apply(history(1)).await.unwrap();
}
