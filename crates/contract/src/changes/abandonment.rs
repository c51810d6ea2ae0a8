//! A caller that goes away leaves all of its changes or none.

use crate::insertions::{insert_challenge, insert_session, insert_user};
use crate::running::on_fresh;
use crate::samples::{audit_event, challenge, id, mail, session, user};
use crate::storage::Storage;
use gatewright_application::ports::change::Change;
use gatewright_domain::account::challenge::ChallengeSubject;
use gatewright_domain::session::session::SessionId;
use std::pin::Pin;
use std::task::{Context, Waker};
use tokio::task::yield_now;

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, a_caller_that_stops_polling_leaves_all_or_nothing).await;
    on_fresh(&factory, a_caller_that_is_aborted_leaves_all_or_nothing).await;
    on_fresh(&factory, many_callers_that_are_aborted_leave_all_or_nothing).await;
}

/// In one list of changes.
const MAILS: u32 = 20;

async fn a_caller_that_stops_polling_leaves_all_or_nothing(storage: Storage) {
    for polls in 0..20 {
        let mut apply = storage.changes.apply(sign_up(polls));
        for _ in 0..polls {
            if poll_once(apply.as_mut()) {
                break;
            }
            yield_now().await;
        }
        drop(apply);
        all_or_nothing(&storage, polls).await;
    }
    still_works(&storage).await;
}

async fn a_caller_that_is_aborted_leaves_all_or_nothing(storage: Storage) {
    for yields in 0..40 {
        let changes = storage.changes.clone();
        let apply = tokio::spawn(async move { changes.apply(sign_up(yields)).await });
        for _ in 0..yields {
            yield_now().await;
        }
        apply.abort();
        let answer = apply.await;
        all_or_nothing(&storage, yields).await;
        if let Ok(outcome) = answer {
            assert_eq!(outcome, Ok(()), "it was answered before it was aborted");
            assert_eq!(traces(&storage, yields).await, ALL);
        }
    }
    still_works(&storage).await;
}

async fn many_callers_that_are_aborted_leave_all_or_nothing(storage: Storage) {
    let callers: Vec<_> = (0..60)
        .map(|number| {
            let changes = storage.changes.clone();
            tokio::spawn(async move { changes.apply(sign_up(number)).await })
        })
        .collect();
    for caller in &callers {
        caller.abort();
        yield_now().await;
    }
    for caller in callers {
        let _ = caller.await;
    }
    for number in 0..60 {
        all_or_nothing(&storage, number).await;
    }
    still_works(&storage).await;
}

fn poll_once<T>(future: Pin<&mut (dyn Future<Output = T> + Send)>) -> bool {
    future.poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// Many changes at once, so that there is a middle to be caught in.
fn sign_up(number: u32) -> Vec<Change> {
    let mails = (0..MAILS).map(|mail_number| Change::Mail(mail(number * MAILS + mail_number)));
    let mut changes = vec![
        insert_user(&user(number)),
        insert_session(&session(number, user(number).id)),
        insert_challenge(&challenge(number, ChallengeSubject::Nobody)),
    ];
    changes.extend(mails);
    changes.push(Change::Audit(audit_event(number)));
    changes
}

const ALL: [bool; 6] = [true; 6];

/// Which of the changes of [`sign_up`] are seen to have happened.
async fn traces(storage: &Storage, number: u32) -> [bool; 6] {
    let challenge = challenge(number, ChallengeSubject::Nobody);
    let (sessions, inspection) = (&storage.sessions, &storage.inspection);
    let found = storage
        .challenges
        .find_by_link(challenge.purpose, &challenge.link)
        .await;
    let session = sessions.find_with_user(SessionId(id(number))).await;
    let (first, last) = (mail(number * MAILS).id, mail(number * MAILS + MAILS - 1).id);
    [
        storage.users.find(user(number).id).await.unwrap().is_some(),
        session.unwrap().is_some(),
        found.unwrap().is_some(),
        inspection.sealed_content(first).await.is_some(),
        inspection.sealed_content(last).await.is_some(),
        inspection.holds_audit_event(&audit_event(number)).await,
    ]
}

/// Looks again where it sees anything: the rest may have come to be between two looks.
async fn all_or_nothing(storage: &Storage, number: u32) {
    if traces(storage, number).await.contains(&true) {
        assert_eq!(traces(storage, number).await, ALL);
    }
}

async fn still_works(storage: &Storage) {
    storage.given(sign_up(1000)).await;
    assert_eq!(traces(storage, 1000).await, ALL);
}
