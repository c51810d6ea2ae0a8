//! The contract of [`ExpiredRows`](gatewright_application::ports::expired_rows::ExpiredRows).

mod sweep;

use crate::insertions::{insert_challenge, insert_registration, insert_session, insert_user};
use crate::maintenance_storage::{LEASE, MaintenanceStorage};
use crate::race::all_at_once;
use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON, audit_event, challenge, digest, id, mail, registration, session, user};
use gatewright_application::audit::AuditEvent;
use gatewright_application::jobs::job::Job;
use gatewright_application::mail::outbox_mail::OutboxMail;
use gatewright_application::ports::change::Change;
use gatewright_application::ports::expired_rows::{Expired, Removal};
use gatewright_application::ports::jobs::{Due, Fence, JobRun};
use gatewright_application::ports::outbox::MailOutcome;
use gatewright_domain::abuse::quota::{CounterKey, Quota};
use gatewright_domain::account::challenge::{Challenge, ChallengeSubject};
use gatewright_domain::account::registration::Registration;
use gatewright_domain::session::session::{Session, SessionEnd};
use gatewright_domain::{Duration, Timestamp};

/// Which job removes makes no difference to the port.
const JOB: Job = Job::RemoveEndedSessions;
/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = MaintenanceStorage>,
{
    on_fresh(&factory, an_empty_store_has_nothing_to_remove).await;
    on_fresh(&factory, a_registration_goes_when_its_end_has_come).await;
    on_fresh(&factory, a_challenge_goes_when_code_and_link_are_over).await;
    on_fresh(&factory, a_used_challenge_stays_as_long_as_an_unused_one).await;
    on_fresh(&factory, an_ended_session_goes_and_a_live_one_stays).await;
    on_fresh(&factory, a_session_goes_at_the_end_of_its_life).await;
    on_fresh(&factory, a_counter_goes_when_its_window_has_ended).await;
    on_fresh(&factory, a_counter_in_its_next_window_stays).await;
    on_fresh(&factory, a_sent_mail_goes_and_no_other).await;
    on_fresh(&factory, a_parked_mail_goes_and_no_other).await;
    on_fresh(&factory, an_audit_event_goes_when_it_is_old_enough).await;
    on_fresh(&factory, the_oldest_go_first_and_no_more_than_asked_for).await;
    on_fresh(&factory, whatever_is_removed_leaves_the_rest).await;
    on_fresh(&factory, a_run_that_was_superseded_removes_nothing).await;
    on_fresh(&factory, a_run_that_was_never_granted_removes_nothing).await;
    on_fresh(&factory, nothing_goes_once_a_later_claim_was_answered).await;
    on_fresh(&factory, simultaneous_batches_remove_every_row_once).await;
    sweep::cases(&factory).await;
}

async fn an_empty_store_has_nothing_to_remove(ports: MaintenanceStorage) {
    let run = ports.begin(JOB, NOON).await;
    for what in Expired::ALL {
        assert_eq!(removed(&ports, &run, what, NOON).await, 0, "{what:?}");
    }
}

async fn a_registration_goes_when_its_end_has_come(ports: MaintenanceStorage) {
    let (over, waiting) = (expiring(1, NOON), expiring(2, NOON + MICROSECOND));
    ports.storage.given([&over, &waiting].map(insert_registration)).await;
    removes_at(&ports, Expired::Registrations, NOON).await;
    let registrations = &ports.storage.registrations;
    assert_eq!(registrations.find(over.id).await, Ok(None));
    assert!(registrations.find(waiting.id).await.unwrap().is_some());
}

async fn a_challenge_goes_when_code_and_link_are_over(ports: MaintenanceStorage) {
    let later = NOON + MICROSECOND;
    let ending = |number: u32, code_expires_at: Timestamp, link_expires_at: Timestamp| Challenge {
        code_expires_at,
        link_expires_at,
        ..challenge(number, ChallengeSubject::Nobody)
    };
    let over = ending(1, NOON - MICROSECOND, NOON);
    let (code_lives, link_lives) = (ending(2, later, NOON), ending(3, NOON, later));
    ports
        .storage
        .given([&over, &code_lives, &link_lives].map(insert_challenge))
        .await;
    removes_at(&ports, Expired::Challenges, NOON).await;
    assert!(!holds_challenge(&ports, &over).await);
    assert!(holds_challenge(&ports, &code_lives).await);
    assert!(holds_challenge(&ports, &link_lives).await);
}

async fn a_used_challenge_stays_as_long_as_an_unused_one(ports: MaintenanceStorage) {
    let used = Challenge {
        consumed_at: Some(NOON),
        ..challenge(1, ChallengeSubject::Nobody)
    };
    ports.storage.given([insert_challenge(&used)]).await;
    let run = ports.begin(JOB, NOON).await;
    let before = used.link_expires_at - MICROSECOND;
    assert_eq!(removed(&ports, &run, Expired::Challenges, before).await, 0);
    assert!(holds_challenge(&ports, &used).await);
}

async fn an_ended_session_goes_and_a_live_one_stays(ports: MaintenanceStorage) {
    let ended = |number: u32, at: Timestamp| Session {
        ended: Some((at, SessionEnd::SignedOut)),
        ..session(number, user(1).id)
    };
    let (over, kept, live) = (ended(1, NOON), ended(2, NOON + MICROSECOND), session(3, user(1).id));
    ports.storage.given([insert_user(&user(1))]).await;
    ports.storage.given([&over, &kept, &live].map(insert_session)).await;
    removes_at(&ports, Expired::EndedSessions, NOON).await;
    assert!(!holds_session(&ports, &over).await);
    assert!(holds_session(&ports, &kept).await);
    let run = ports.begin(JOB, NOON + LEASE).await;
    let ages = NOON + Duration::days(3650);
    assert_eq!(removed(&ports, &run, Expired::EndedSessions, ages).await, 1);
    assert!(holds_session(&ports, &live).await, "it has not ended");
}

async fn a_session_goes_at_the_end_of_its_life(ports: MaintenanceStorage) {
    let ending = |number: u32, expires_at: Timestamp| Session {
        expires_at,
        ..session(number, user(1).id)
    };
    let (over, live) = (ending(1, NOON), ending(2, NOON + MICROSECOND));
    ports.storage.given([insert_user(&user(1))]).await;
    ports.storage.given([&over, &live].map(insert_session)).await;
    removes_at(&ports, Expired::OutlivedSessions, NOON).await;
    assert!(!holds_session(&ports, &over).await);
    assert!(holds_session(&ports, &live).await);
}

async fn a_counter_goes_when_its_window_has_ended(ports: MaintenanceStorage) {
    let (ending, open) = (quota(1, Duration::HOUR), quota(2, Duration::HOUR + MICROSECOND));
    assert!(take(&ports, ending, NOON).await && take(&ports, open, NOON).await);
    removes_at(&ports, Expired::AttemptCounters, NOON + Duration::HOUR).await;
    assert!(
        !take(&ports, open, NOON + Duration::HOUR).await,
        "it was lost too early"
    );
}

async fn a_counter_in_its_next_window_stays(ports: MaintenanceStorage) {
    let quota = quota(1, Duration::HOUR);
    let next = NOON + Duration::HOUR;
    assert!(take(&ports, quota, NOON).await && take(&ports, quota, next).await);
    let run = ports.begin(JOB, NOON).await;
    assert_eq!(removed(&ports, &run, Expired::AttemptCounters, next).await, 0);
    assert!(!take(&ports, quota, next).await);
    let end = next + Duration::HOUR;
    assert_eq!(removed(&ports, &run, Expired::AttemptCounters, end).await, 1);
}

async fn a_sent_mail_goes_and_no_other(ports: MaintenanceStorage) {
    dispose_of_mails(&ports).await;
    removes_at(&ports, Expired::SentMails, NOON).await;
    assert_eq!(recipients(&ports).await, [false, true, true]);
    let run = ports.begin(JOB, NOON + LEASE).await;
    assert_eq!(removed(&ports, &run, Expired::ParkedMails, NOON).await, 1);
}

async fn a_parked_mail_goes_and_no_other(ports: MaintenanceStorage) {
    dispose_of_mails(&ports).await;
    removes_at(&ports, Expired::ParkedMails, NOON).await;
    assert_eq!(recipients(&ports).await, [false, false, true]);
    let run = ports.begin(JOB, NOON + LEASE).await;
    assert_eq!(removed(&ports, &run, Expired::SentMails, NOON).await, 1);
}

async fn an_audit_event_goes_when_it_is_old_enough(ports: MaintenanceStorage) {
    let old = audit_event(1);
    let young = AuditEvent {
        at: NOON + MICROSECOND,
        ..audit_event(2)
    };
    let written = [&old, &young].map(|event| Change::Audit(event.clone()));
    ports.storage.given(written).await;
    removes_at(&ports, Expired::AuditEvents, NOON).await;
    assert!(!ports.storage.inspection.holds_audit_event(&old).await);
    assert!(ports.storage.inspection.holds_audit_event(&young).await);
}

async fn the_oldest_go_first_and_no_more_than_asked_for(ports: MaintenanceStorage) {
    let ages = [3, 1, 5, 2, 4];
    let waiting = ages.map(|age: u32| expiring(age, NOON - MICROSECOND * i32::try_from(age).unwrap()));
    ports.storage.given(waiting.iter().map(insert_registration)).await;
    let run = ports.begin(JOB, NOON).await;
    for left in [vec![1, 2, 3], vec![1], vec![]] {
        let gone = ports.expired_rows.remove(&run, Expired::Registrations, NOON, 2);
        let expected = if left.is_empty() { 1 } else { 2 };
        assert_eq!(gone.await, Ok(Removal::Removed(expected)));
        for age in 1..=5 {
            assert_eq!(holds_registration(&ports, age).await, left.contains(&age), "{age}");
        }
    }
}

async fn whatever_is_removed_leaves_the_rest(ports: MaintenanceStorage) {
    fill(&ports).await;
    let run = ports.begin(JOB, NOON).await;
    let mut left: Vec<Expired> = Expired::ALL.into();
    let ages = NOON + Duration::days(3650);
    while let Some(what) = left.pop() {
        assert_eq!(removed(&ports, &run, what, ages).await, 1, "{what:?}");
        assert_eq!(removed(&ports, &run, what, ages).await, 0, "{what:?}");
    }
    assert!(ports.storage.users.find(user(1).id).await.unwrap().is_some());
}

async fn a_run_that_was_superseded_removes_nothing(ports: MaintenanceStorage) {
    fill(&ports).await;
    let ages = NOON + Duration::days(3650);
    let paused = ports.begin(JOB, NOON).await;
    let heir = ports.begin(JOB, NOON + LEASE).await;
    for what in Expired::ALL {
        let gone = ports.expired_rows.remove(&paused, what, ages, 100).await;
        assert_eq!(gone, Ok(Removal::Superseded), "{what:?}");
        assert_eq!(removed(&ports, &heir, what, ages).await, 1, "{what:?}");
    }
}

async fn a_run_that_was_never_granted_removes_nothing(ports: MaintenanceStorage) {
    fill(&ports).await;
    let ages = NOON + Duration::days(3650);
    let made_up = JobRun {
        job: JOB,
        fence: Fence(1),
        started_at: NOON,
    };
    // The other job's run has that fence.
    ports.begin(Job::RemoveOldMails, NOON).await;
    for what in Expired::ALL {
        let gone = ports.expired_rows.remove(&made_up, what, ages, 100).await;
        assert_eq!(gone, Ok(Removal::Superseded), "{what:?}");
    }
}

async fn nothing_goes_once_a_later_claim_was_answered(ports: MaintenanceStorage) {
    let all = 1..=80;
    let waiting: Vec<Change> = all
        .clone()
        .map(|number| insert_registration(&expiring(number, NOON)))
        .collect();
    ports.storage.given(waiting).await;
    let paused = ports.begin(JOB, NOON).await;
    let removing = tokio::spawn({
        let ports = ports.clone();
        async move {
            let mut gone = 0;
            let one = || ports.expired_rows.remove(&paused, Expired::Registrations, NOON, 1);
            while let Removal::Removed(count) = one().await.unwrap() {
                gone += count;
                tokio::task::yield_now().await;
            }
            gone
        }
    });
    while holds_registration(&ports, 1).await && holds_registration(&ports, 2).await {
        tokio::task::yield_now().await;
    }
    assert!(ports.claim(JOB, Due::Now, NOON + LEASE).await.is_some());
    let mut left = 0;
    for number in all {
        left += u32::from(holds_registration(&ports, number).await);
    }
    assert_eq!(removing.await.unwrap() + left, 80);
}

async fn simultaneous_batches_remove_every_row_once(ports: MaintenanceStorage) {
    let waiting: Vec<Change> = (1..=60)
        .map(|number| insert_registration(&expiring(number, NOON)))
        .collect();
    ports.storage.given(waiting).await;
    let run = ports.begin(JOB, NOON).await;
    let batches = all_at_once(12, |_| {
        let ports = ports.clone();
        async move {
            ports
                .expired_rows
                .remove(&run, Expired::Registrations, NOON, 4)
                .await
                .unwrap()
        }
    });
    let mut gone = 0;
    for batch in batches.await {
        match batch {
            Removal::Removed(count) => gone += count,
            Removal::Superseded => panic!("there is no later run"),
        }
    }
    assert!((1..=48).contains(&gone), "{gone}");
    assert_eq!(removed(&ports, &run, Expired::Registrations, NOON).await, 60 - gone);
}

/// Asserts that one row goes at `end`, and none before.
async fn removes_at(ports: &MaintenanceStorage, what: Expired, end: Timestamp) {
    let run = ports.begin(JOB, NOON).await;
    assert_eq!(removed(ports, &run, what, end - MICROSECOND).await, 0);
    assert_eq!(removed(ports, &run, what, end).await, 1);
    assert_eq!(removed(ports, &run, what, end).await, 0);
}

async fn removed(ports: &MaintenanceStorage, run: &JobRun, what: Expired, before: Timestamp) -> u32 {
    match ports.expired_rows.remove(run, what, before, 100).await.unwrap() {
        Removal::Removed(count) => count,
        Removal::Superseded => panic!("there is no later run"),
    }
}

/// One row of every kind that can be removed, over at some time, and a user.
async fn fill(ports: &MaintenanceStorage) {
    let ended = Session {
        ended: Some((NOON, SessionEnd::SignedOut)),
        expires_at: NOON + Duration::days(36_500),
        ..session(1, user(1).id)
    };
    let changes = [
        insert_registration(&registration(1)),
        insert_challenge(&challenge(1, ChallengeSubject::Nobody)),
        insert_user(&user(1)),
        insert_session(&ended),
        insert_session(&session(2, user(1).id)),
        Change::Audit(audit_event(1)),
    ];
    ports.storage.given(changes).await;
    assert!(take(ports, quota(1, Duration::HOUR), NOON).await);
    dispose_of_mails(ports).await;
}

/// A mail that was sent at noon, one that was parked then, and one that waits.
async fn dispose_of_mails(ports: &MaintenanceStorage) {
    let outbox = &ports.storage.outbox;
    let outcomes = [
        Some(MailOutcome::Sent),
        Some(MailOutcome::Parked { reason: String::new() }),
        None,
    ];
    for (number, outcome) in (1..).zip(outcomes) {
        let due = OutboxMail {
            created_at: if outcome.is_some() { NOON - MICROSECOND } else { NOON },
            ..mail(number)
        };
        ports.storage.given([Change::Mail(due)]).await;
        if let Some(outcome) = outcome {
            let claimed = outbox.claim_due(id(number), 10, LEASE, NOON - MICROSECOND).await;
            assert_eq!(claimed.unwrap().len(), 1);
            outbox.record(mail(number).id, id(number), outcome, NOON).await.unwrap();
        }
    }
}

/// Of which of those three mails the recipient is still known.
async fn recipients(ports: &MaintenanceStorage) -> Vec<bool> {
    let mut known = Vec::new();
    for number in 1..=3 {
        let recipient = ports.storage.inspection.recipient(mail(number).id).await;
        known.push(recipient.is_some());
    }
    known
}

fn expiring(number: u32, expires_at: Timestamp) -> Registration {
    Registration {
        expires_at,
        ..registration(number)
    }
}

fn quota(key: u32, window: Duration) -> Quota {
    Quota {
        key: CounterKey(digest(b'q', key)),
        limit: 1,
        window,
    }
}

async fn take(ports: &MaintenanceStorage, quota: Quota, now: Timestamp) -> bool {
    ports.storage.attempt_counters.take(&[quota], now).await.unwrap()
}

async fn holds_registration(ports: &MaintenanceStorage, number: u32) -> bool {
    let found = ports.storage.registrations.find(registration(number).id).await;
    found.unwrap().is_some()
}

async fn holds_challenge(ports: &MaintenanceStorage, challenge: &Challenge) -> bool {
    let found = ports
        .storage
        .challenges
        .find_by_link(challenge.purpose, &challenge.link);
    found.await.unwrap().is_some()
}

async fn holds_session(ports: &MaintenanceStorage, session: &Session) -> bool {
    let found = ports.storage.sessions.find_with_user(session.id).await;
    found.unwrap().is_some()
}
