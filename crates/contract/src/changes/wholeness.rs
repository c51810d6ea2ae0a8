//! A list of changes is applied in its order, and whole or not at all.

use crate::insertions::{insert_account, insert_challenge, insert_registration, insert_session, insert_user};
use crate::race::all_at_once;
use crate::running::on_fresh;
use crate::samples::{NOON, audit_event, challenge, full_user, id, mail, password_hash, registration, session, user};
use crate::storage::Storage;
use gatewright_application::ports::change::{ChallengeChange, Change, SessionChange, UserChange};
use gatewright_application::ports::error::Constraint;
use gatewright_application::ports::users::Account;
use gatewright_domain::Duration;
use gatewright_domain::abuse::quota::{CounterKey, Quota};
use gatewright_domain::account::challenge::{ChallengeSubject, FlowId};
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::session::session::{Session, SessionEnd};

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, an_empty_list_changes_nothing).await;
    on_fresh(&factory, changes_build_on_those_before_them).await;
    on_fresh(&factory, every_kind_of_change_happens_together).await;
    on_fresh(&factory, nothing_happens_where_the_last_change_conflicts).await;
    on_fresh(&factory, nothing_happens_where_the_first_change_conflicts).await;
    on_fresh(&factory, what_exists_is_left_as_it_was_where_a_change_conflicts).await;
    on_fresh(&factory, simultaneous_lists_all_happen).await;
}

const COUNTER: Quota = Quota {
    key: CounterKey([7; 32]),
    limit: 1,
    window: Duration::hours(1),
};

async fn an_empty_list_changes_nothing(storage: Storage) {
    storage.given([]).await;
}

async fn changes_build_on_those_before_them(storage: Storage) {
    let (flow, subject) = (FlowId(id(1)), ChallengeSubject::PasswordReset { user: user(1).id });
    let session = session(1, user(1).id);
    let to = Session {
        generation: 1,
        ..session.clone()
    };
    let consume = ChallengeChange::Consume { flow, at: NOON };
    storage
        .given([
            insert_user(&user(1)),
            Change::User(UserChange::Delete { id: user(1).id }),
            insert_user(&user(1)),
            insert_challenge(&challenge(1, subject)),
            Change::Challenge(consume.clone()),
            insert_session(&session),
            Change::Session(SessionChange::Rotate { to: to.clone() }),
        ])
        .await;
    let found = storage.sessions.find_with_user(session.id).await;
    assert_eq!(found, Ok(Some((to, user(1)))));
    storage
        .refuses(Constraint::ChallengeUnused, [Change::Challenge(consume)])
        .await;
}

async fn every_kind_of_change_happens_together(storage: Storage) {
    use_up_counter(&storage).await;
    storage.given(one_of_each()).await;
    assert_eq!(traces_of_each(&storage).await, [true; 7]);
}

async fn nothing_happens_where_the_last_change_conflicts(storage: Storage) {
    use_up_counter(&storage).await;
    storage.given([insert_user(&second_user())]).await;
    for (constraint, conflict) in conflicts() {
        let changes = one_of_each().into_iter().chain([conflict]);
        storage.refuses(constraint, changes).await;
        assert_eq!(traces_of_each(&storage).await, [false; 7], "{constraint:?}");
    }
}

async fn nothing_happens_where_the_first_change_conflicts(storage: Storage) {
    use_up_counter(&storage).await;
    storage.given([insert_user(&second_user())]).await;
    for (constraint, conflict) in conflicts() {
        let changes = [conflict].into_iter().chain(one_of_each());
        storage.refuses(constraint, changes).await;
        assert_eq!(traces_of_each(&storage).await, [false; 7], "{constraint:?}");
    }
}

async fn what_exists_is_left_as_it_was_where_a_change_conflicts(storage: Storage) {
    let account = Account {
        user: second_user(),
        password: Some(password_hash(2)),
    };
    let session = session(2, second_user().id);
    storage
        .given([insert_account(&account), insert_session(&session)])
        .await;
    for (constraint, conflict) in conflicts() {
        let set_password = UserChange::SetPassword {
            id: second_user().id,
            expected: None,
            new: password_hash(3),
            at: NOON + Duration::hours(1),
        };
        let to = Session {
            generation: 1,
            ..session.clone()
        };
        let rotate = Change::Session(SessionChange::Rotate { to });
        storage
            .refuses(constraint, [Change::User(set_password), rotate, conflict])
            .await;
        assert_eq!(storage.users.find(second_user().id).await, Ok(Some(account.clone())));
        let found = storage.sessions.find_with_user(session.id).await;
        assert_eq!(found, Ok(Some((session.clone(), second_user()))));
    }
}

async fn simultaneous_lists_all_happen(storage: Storage) {
    let outcomes = all_at_once(50, |number| {
        let (storage, number) = (storage.clone(), u32::try_from(number).unwrap());
        let session = session(number, user(number).id);
        let changes = vec![
            insert_user(&user(number)),
            insert_session(&session),
            Change::Mail(mail(number)),
            Change::Audit(audit_event(number)),
        ];
        async move { storage.changes.apply(changes).await }
    });
    assert_eq!(outcomes.await, vec![Ok(()); 50]);
    for number in 0..50 {
        let session = session(number, user(number).id);
        let found = storage.sessions.find_with_user(session.id).await;
        assert_eq!(found, Ok(Some((session, user(number)))));
    }
}

/// One change of each kind; they need a counter that is used up.
fn one_of_each() -> Vec<Change> {
    vec![
        insert_registration(&registration(1)),
        insert_challenge(&challenge(1, ChallengeSubject::Nobody)),
        insert_user(&user(1)),
        insert_session(&session(1, user(1).id)),
        Change::Mail(mail(1)),
        Change::Audit(audit_event(1)),
        Change::ResetCounter(COUNTER.key),
    ]
}

/// Which of [`one_of_each`] left a trace.
async fn traces_of_each(storage: &Storage) -> [bool; 7] {
    let challenge = challenge(1, ChallengeSubject::Nobody);
    let found = storage.challenges.find_by_link(challenge.purpose, &challenge.link);
    let session = session(1, user(1).id);
    [
        storage.registrations.find(registration(1).id).await.unwrap().is_some(),
        found.await.unwrap().is_some(),
        storage.users.find(user(1).id).await.unwrap().is_some(),
        storage.sessions.find_with_user(session.id).await.unwrap().is_some(),
        storage.inspection.sealed_content(mail(1).id).await.is_some(),
        storage.inspection.holds_audit_event(&audit_event(1)).await,
        storage.attempt_counters.take(&[COUNTER], NOON).await.unwrap(),
    ]
}

/// A user whose address and username are taken.
fn second_user() -> User {
    full_user(2)
}

async fn use_up_counter(storage: &Storage) {
    assert_eq!(storage.attempt_counters.take(&[COUNTER], NOON).await, Ok(true));
}

/// One change for every kind of expectation there is, which conflicts where there is no user but the second.
fn conflicts() -> [(Constraint, Change); 8] {
    let nobody = UserId(id(999));
    let delete = UserChange::Delete { id: nobody };
    let consume = ChallengeChange::Consume {
        flow: FlowId(id(999)),
        at: NOON,
    };
    let rotate = SessionChange::Rotate {
        to: session(999, nobody),
    };
    let end = SessionChange::End {
        id: session(999, nobody).id,
        at: NOON,
        reason: SessionEnd::SignedOut,
    };
    let expect_password = UserChange::ExpectPassword {
        id: second_user().id,
        verified: password_hash(999),
    };
    let sign_in = UserChange::SignedIn {
        id: second_user().id,
        verified: Some(password_hash(999)),
        at: NOON,
    };
    let same_address = User {
        email: second_user().email,
        ..user(999)
    };
    let same_username = User {
        username: second_user().username,
        ..user(999)
    };
    [
        (Constraint::UserExists, Change::User(delete)),
        (Constraint::ChallengeUnused, Change::Challenge(consume)),
        (Constraint::SessionUnchanged, Change::Session(rotate)),
        (Constraint::SessionUnchanged, Change::Session(end)),
        (Constraint::PasswordUnchanged, Change::User(expect_password)),
        (Constraint::PasswordUnchanged, Change::User(sign_in)),
        (Constraint::EmailFree, insert_user(&same_address)),
        (Constraint::UsernameFree, insert_user(&same_username)),
    ]
}
