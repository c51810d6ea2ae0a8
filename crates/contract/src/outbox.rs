//! The contract of [`Outbox`](gatewright_application::ports::outbox::Outbox).

use crate::exactly::assert_same_mail;
use crate::race::all_at_once;
use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON, email, id, mail};
use crate::storage::Storage;
use gatewright_application::mail::content::MailTemplate;
use gatewright_application::mail::outbox_mail::{MailId, OutboxMail, SealedContent};
use gatewright_application::ports::change::Change;
use gatewright_application::ports::outbox::{BACKLOG_COUNTED, Backlog, ClaimedMail, MailOutcome};
use gatewright_domain::{Duration, Timestamp};
use std::collections::BTreeSet;
use uuid::Uuid;

const LEASE: Duration = Duration::minutes(2);

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, an_empty_outbox_has_nothing_due).await;
    on_fresh(&factory, a_mail_of_any_template_comes_back).await;
    on_fresh(&factory, a_mail_with_everything_comes_back).await;
    on_fresh(&factory, a_mail_is_due_at_once).await;
    on_fresh(&factory, the_oldest_mails_come_first_and_no_more_than_asked_for).await;
    on_fresh(&factory, a_claimed_mail_is_held_until_its_lease_runs_out).await;
    on_fresh(&factory, released_claims_are_due_at_once_and_nothing_else_is).await;
    on_fresh(&factory, every_claim_counts_as_an_attempt).await;
    on_fresh(&factory, a_sent_mail_is_over_and_its_content_and_recipient_erased).await;
    on_fresh(&factory, a_parked_mail_is_over_and_its_content_and_recipient_kept).await;
    on_fresh(&factory, a_mail_to_retry_is_due_at_the_time_named).await;
    on_fresh(&factory, a_record_under_a_lost_claim_changes_nothing).await;
    on_fresh(&factory, a_record_of_one_mail_leaves_the_others).await;
    on_fresh(&factory, simultaneous_claims_hold_no_mail_twice).await;
    on_fresh(&factory, a_claim_whose_caller_went_away_loses_no_mail).await;
    on_fresh(&factory, the_backlog_tells_what_waits_and_since_when).await;
    on_fresh(&factory, a_long_line_is_not_counted_to_its_end).await;
}

async fn an_empty_outbox_has_nothing_due(storage: Storage) {
    assert_eq!(claim(&storage, 1, 10, NOON).await, []);
    let nobody = storage.outbox.record(MailId(id(1)), id(1), MailOutcome::Sent, NOON);
    assert_eq!(nobody.await, Ok(()));
}

async fn a_mail_of_any_template_comes_back(storage: Storage) {
    for (number, template) in (1..).zip(MailTemplate::ALL) {
        let mail = OutboxMail {
            template,
            ..mail(number)
        };
        storage.given([Change::Mail(mail.clone())]).await;
        let claimed = claim(&storage, 100 + number, 10, NOON).await;
        assert_eq!(claimed.len(), 1);
        assert_same_mail(&claimed[0].mail, &mail);
        assert_eq!((claimed[0].claim, claimed[0].attempts), (id(100 + number), 1));
    }
}

async fn a_mail_with_everything_comes_back(storage: Storage) {
    let mail = OutboxMail {
        to: email("Ann.Lee+tag@Bücher.example"),
        content: SealedContent("sealed ".repeat(10_000) + "'王' \u{1f680} \"%_\\"),
        expires_at: Some(NOON + MICROSECOND),
        ..mail(1)
    };
    storage.given([Change::Mail(mail.clone())]).await;
    let claimed = claim(&storage, 1, 10, NOON).await;
    assert_same_mail(&claimed[0].mail, &mail);
}

async fn a_mail_is_due_at_once(storage: Storage) {
    storage.given([Change::Mail(mail(1))]).await;
    assert_eq!(claim(&storage, 1, 10, NOON - MICROSECOND).await, []);
    assert_eq!(claim(&storage, 1, 10, NOON).await.len(), 1);
}

async fn the_oldest_mails_come_first_and_no_more_than_asked_for(storage: Storage) {
    let ages = [3, 1, 5, 2, 4];
    let written = ages.map(|age| {
        Change::Mail(OutboxMail {
            created_at: NOON - MICROSECOND * i32::try_from(age).unwrap(),
            ..mail(age)
        })
    });
    storage.given(written).await;
    assert_eq!(ids(&claim(&storage, 1, 2, NOON).await), [5, 4].map(mail_id));
    assert_eq!(ids(&claim(&storage, 2, 2, NOON).await), [3, 2].map(mail_id));
    assert_eq!(ids(&claim(&storage, 3, 2, NOON).await), [1].map(mail_id));
}

async fn a_claimed_mail_is_held_until_its_lease_runs_out(storage: Storage) {
    storage.given([Change::Mail(mail(1))]).await;
    assert_eq!(claim(&storage, 1, 10, NOON).await.len(), 1);
    let end = NOON + LEASE;
    for now in [NOON, end - MICROSECOND] {
        assert_eq!(claim(&storage, 2, 10, now).await, []);
    }
    let again = claim(&storage, 2, 10, end).await;
    assert_same_mail(&again[0].mail, &mail(1));
}

async fn released_claims_are_due_at_once_and_nothing_else_is(storage: Storage) {
    storage.given([1, 2, 3].map(|number| Change::Mail(mail(number)))).await;
    assert_eq!(claim(&storage, 11, 10, NOON).await.len(), 3);
    record(&storage, 2, 11, MailOutcome::Sent).await;
    let at = NOON + Duration::hours(1);
    let reason = "try later".to_owned();
    record(&storage, 3, 11, MailOutcome::Retry { at, reason }).await;
    storage.outbox.release_claims(NOON).await.unwrap();
    let claimed = claim(&storage, 12, 10, NOON).await;
    assert_eq!(ids(&claimed), [mail_id(1)]);
    assert_eq!(claimed[0].attempts, 2);
    // The worker that held it has nothing to say any more.
    record(&storage, 1, 11, MailOutcome::Sent).await;
    assert_eq!(ids(&claim(&storage, 13, 10, NOON + LEASE).await), [mail_id(1)]);
}

async fn every_claim_counts_as_an_attempt(storage: Storage) {
    storage.given([Change::Mail(mail(1))]).await;
    for attempt in 1..=4 {
        let now = NOON + LEASE * i32::try_from(attempt).unwrap();
        assert_eq!(claim(&storage, attempt, 10, now).await[0].attempts, attempt);
    }
}

async fn a_sent_mail_is_over_and_its_content_and_recipient_erased(storage: Storage) {
    storage.given([Change::Mail(mail(1))]).await;
    assert_stored_whole(&storage, 1).await;
    claim(&storage, 1, 10, NOON).await;
    record(&storage, 1, 1, MailOutcome::Sent).await;
    assert_eq!(claim(&storage, 2, 10, NOON + LEASE * 10).await, []);
    assert_eq!(storage.inspection.sealed_content(mail_id(1)).await, None);
    assert_eq!(storage.inspection.recipient(mail_id(1)).await, None);
}

async fn a_parked_mail_is_over_and_its_content_and_recipient_kept(storage: Storage) {
    storage.given([Change::Mail(mail(1))]).await;
    claim(&storage, 1, 10, NOON).await;
    let reason = "550 no such user".to_owned();
    record(&storage, 1, 1, MailOutcome::Parked { reason }).await;
    assert_eq!(claim(&storage, 2, 10, NOON + LEASE * 10).await, []);
    assert_stored_whole(&storage, 1).await;
}

async fn a_mail_to_retry_is_due_at_the_time_named(storage: Storage) {
    storage.given([Change::Mail(mail(1))]).await;
    claim(&storage, 1, 10, NOON).await;
    // Both before and after the end of the lease.
    for (attempt, wait) in [(2, LEASE / 2), (3, LEASE * 3)] {
        let at = NOON + wait;
        let reason = "451 try again later".to_owned();
        record(&storage, 1, attempt - 1, MailOutcome::Retry { at, reason }).await;
        assert_eq!(claim(&storage, attempt, 10, at - MICROSECOND).await, []);
        let claimed = claim(&storage, attempt, 10, at).await;
        assert_same_mail(&claimed[0].mail, &mail(1));
        assert_eq!(claimed[0].attempts, attempt);
    }
}

async fn a_record_under_a_lost_claim_changes_nothing(storage: Storage) {
    storage.given([Change::Mail(mail(1))]).await;
    claim(&storage, 1, 10, NOON).await;
    let later = NOON + LEASE;
    assert_eq!(claim(&storage, 2, 10, later).await.len(), 1);
    let outcomes = [
        MailOutcome::Sent,
        MailOutcome::Retry {
            at: NOON,
            reason: String::new(),
        },
        MailOutcome::Parked { reason: String::new() },
    ];
    for outcome in outcomes {
        record(&storage, 1, 1, outcome.clone()).await;
        assert_eq!(claim(&storage, 3, 10, later).await, [], "still held after {outcome:?}");
    }
    assert_stored_whole(&storage, 1).await;
    assert_eq!(claim(&storage, 3, 10, later + LEASE).await.len(), 1);
}

async fn a_record_of_one_mail_leaves_the_others(storage: Storage) {
    storage.given([1, 2, 3].map(|number| Change::Mail(mail(number)))).await;
    assert_eq!(claim(&storage, 1, 10, NOON).await.len(), 3);
    record(&storage, 2, 1, MailOutcome::Sent).await;
    let due = ids(&claim(&storage, 2, 10, NOON + LEASE).await);
    assert_eq!(due.into_iter().collect::<BTreeSet<_>>(), [1, 3].map(mail_id).into());
    for number in [1, 3] {
        assert_stored_whole(&storage, number).await;
    }
}

async fn simultaneous_claims_hold_no_mail_twice(storage: Storage) {
    let all: BTreeSet<MailId> = (1..=60).map(mail_id).collect();
    storage.given((1..=60).map(|number| Change::Mail(mail(number)))).await;
    let claims = all_at_once(20, |number| {
        let (storage, number) = (storage.clone(), u32::try_from(number).unwrap());
        async move { claim(&storage, number, 7, NOON).await }
    });
    let mut held: Vec<MailId> = ids(&claims.await.concat());
    held.extend(ids(&claim(&storage, 100, 60, NOON).await));
    assert_eq!(held.len(), 60);
    assert_eq!(held.into_iter().collect::<BTreeSet<_>>(), all);
}

async fn a_claim_whose_caller_went_away_loses_no_mail(storage: Storage) {
    storage.given((1..=30).map(|number| Change::Mail(mail(number)))).await;
    for number in 0..30 {
        let storage = storage.clone();
        let claiming = tokio::spawn(async move { claim(&storage, number, 3, NOON).await });
        for _ in 0..number % 5 {
            tokio::task::yield_now().await;
        }
        claiming.abort();
        let _ = claiming.await;
    }
    // Whatever those claims still hold is due again when their leases run out.
    let due = claim(&storage, 100, 60, NOON + LEASE).await;
    assert_eq!(due.len(), 30);
}

async fn the_backlog_tells_what_waits_and_since_when(storage: Storage) {
    assert_eq!(storage.outbox.backlog(NOON).await, Ok(Backlog::default()));
    let written = [1, 2, 3, 4].map(|number| {
        let created_at = NOON + Duration::minutes(number.into());
        Change::Mail(OutboxMail {
            created_at,
            ..mail(number)
        })
    });
    storage.given(written).await;
    let first = NOON + Duration::minutes(1);
    assert_backlog(&storage, first - MICROSECOND, 4, 0, None).await;
    assert_backlog(&storage, first + Duration::minutes(9), 4, 0, Some(first)).await;
    // One leaves, one is set aside, one is to be tried again and one is held.
    let now = NOON + Duration::minutes(10);
    assert_eq!(claim(&storage, 1, 10, now).await.len(), 4);
    assert_backlog(&storage, now, 4, 0, None).await;
    record(&storage, 1, 1, MailOutcome::Sent).await;
    let reason = "550 no such user".to_owned();
    record(&storage, 2, 1, MailOutcome::Parked { reason }).await;
    let (at, reason) = (now + Duration::seconds(1), "451 try again later".to_owned());
    record(&storage, 3, 1, MailOutcome::Retry { at, reason }).await;
    assert_backlog(&storage, at, 2, 1, Some(at)).await;
}

async fn a_long_line_is_not_counted_to_its_end(storage: Storage) {
    let mails = (1..=BACKLOG_COUNTED + 1).map(|number| Change::Mail(mail(number)));
    storage.given(mails).await;
    assert_backlog(&storage, NOON, BACKLOG_COUNTED, 0, Some(NOON)).await;
}

async fn assert_backlog(storage: &Storage, now: Timestamp, waiting: u32, parked: u32, since: Option<Timestamp>) {
    let found = storage.outbox.backlog(now).await;
    let oldest_due_at = since;
    assert_eq!(
        found,
        Ok(Backlog {
            waiting,
            parked,
            oldest_due_at
        })
    );
}

async fn claim(storage: &Storage, claim: u32, limit: u32, now: Timestamp) -> Vec<ClaimedMail> {
    let claimed = storage.outbox.claim_due(id(claim), limit, LEASE, now).await.unwrap();
    let named: Vec<Uuid> = claimed.iter().map(|mail| mail.claim).collect();
    assert_eq!(named, vec![id(claim); claimed.len()]);
    claimed
}

/// Records the outcome of the mail of that number, under the claim of that number.
async fn record(storage: &Storage, mail: u32, claim: u32, outcome: MailOutcome) {
    let recorded = storage.outbox.record(mail_id(mail), id(claim), outcome, NOON);
    recorded.await.unwrap();
}

async fn assert_stored_whole(storage: &Storage, number: u32) {
    let (mail, inspection) = (mail(number), &storage.inspection);
    assert_eq!(inspection.sealed_content(mail.id).await, Some(mail.content));
    assert_eq!(inspection.recipient(mail.id).await.as_deref(), Some(mail.to.as_str()));
}

fn mail_id(number: u32) -> MailId {
    mail(number).id
}

fn ids(claimed: &[ClaimedMail]) -> Vec<MailId> {
    claimed.iter().map(|claimed| claimed.mail.id).collect()
}
