//! Handing mails to workers.

use crate::error::Failure;
use crate::reads::outbox::backlog;
use crate::rows::columns::micros;
use crate::rows::outbox::OutboxMailRow;
use crate::schema::outbox_mails;
use crate::store::SqliteStore;
use async_trait::async_trait;
use diesel::prelude::*;
use gatewright_application::mail::outbox_mail::MailId;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::outbox::{Backlog, ClaimedMail, MailOutcome, Outbox};
use gatewright_domain::{Duration, Timestamp};
use uuid::Uuid;

#[async_trait]
impl Outbox for SqliteStore {
    async fn claim_due(
        &self,
        claim: Uuid,
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<ClaimedMail>, PortError> {
        self.write(move |connection| claim_due(connection, claim, limit, lease, now))
            .await
    }

    async fn release_claims(&self, now: Timestamp) -> Result<(), PortError> {
        self.write(move |connection| release_claims(connection, now)).await
    }

    async fn record(&self, id: MailId, claim: Uuid, outcome: MailOutcome, now: Timestamp) -> Result<(), PortError> {
        self.write(move |connection| record(connection, id, claim, &outcome, now))
            .await
    }

    async fn backlog(&self, now: Timestamp) -> Result<Backlog, PortError> {
        self.read(move |connection| backlog(connection, now)).await
    }
}

fn claim_due(
    connection: &mut SqliteConnection,
    claim: Uuid,
    limit: u32,
    lease: Duration,
    now: Timestamp,
) -> Result<Vec<ClaimedMail>, Failure> {
    let due: Vec<OutboxMailRow> = outbox_mails::table
        .filter(outbox_mails::due_at.le(micros(now)))
        .order((outbox_mails::due_at, outbox_mails::id))
        .limit(limit.into())
        .select(OutboxMailRow::as_select())
        .load(connection)?;
    let mut claimed = Vec::with_capacity(due.len());
    for row in due {
        let id = row.id.clone();
        match row.into_claimed(claim) {
            Ok(mail) => {
                hold(connection, &id, claim, now + lease)?;
                claimed.push(mail);
            }
            Err(error) => {
                tracing::error!(%error, "a mail in the outbox cannot be read and is set aside");
                park(connection, &id, &error.to_string(), now)?;
            }
        }
    }
    Ok(claimed)
}

fn hold(connection: &mut SqliteConnection, id: &[u8], claim: Uuid, until: Timestamp) -> Result<(), Failure> {
    diesel::update(outbox_mails::table.find(id))
        .set((
            outbox_mails::claim.eq(claim.as_bytes().as_slice()),
            outbox_mails::due_at.eq(micros(until)),
            outbox_mails::attempts.eq(outbox_mails::attempts + 1),
        ))
        .execute(connection)?;
    Ok(())
}

fn release_claims(connection: &mut SqliteConnection, now: Timestamp) -> Result<(), Failure> {
    let held = outbox_mails::table
        .filter(outbox_mails::due_at.gt(micros(now)))
        .filter(outbox_mails::claim.is_not_null());
    diesel::update(held)
        .set((
            outbox_mails::due_at.eq(micros(now)),
            outbox_mails::claim.eq(None::<Vec<u8>>),
        ))
        .execute(connection)?;
    Ok(())
}

fn record(
    connection: &mut SqliteConnection,
    id: MailId,
    claim: Uuid,
    outcome: &MailOutcome,
    now: Timestamp,
) -> Result<(), Failure> {
    let id = id.0.as_bytes().as_slice();
    let held = outbox_mails::table
        .find(id)
        .filter(outbox_mails::claim.eq(claim.as_bytes().as_slice()));
    let still_ours: i64 = held.count().get_result(connection)?;
    if still_ours == 0 {
        return Ok(());
    }
    match outcome {
        MailOutcome::Sent => sent(connection, id, now),
        MailOutcome::Retry { at, reason } => retry(connection, id, *at, reason),
        MailOutcome::Parked { reason } => park(connection, id, reason, now),
    }
}

fn sent(connection: &mut SqliteConnection, id: &[u8], now: Timestamp) -> Result<(), Failure> {
    diesel::update(outbox_mails::table.find(id))
        .set((
            outbox_mails::sealed_content.eq(None::<String>),
            outbox_mails::recipient.eq(""),
            outbox_mails::due_at.eq(None::<i64>),
            outbox_mails::claim.eq(None::<Vec<u8>>),
            outbox_mails::sent_at.eq(micros(now)),
        ))
        .execute(connection)?;
    Ok(())
}

fn retry(connection: &mut SqliteConnection, id: &[u8], at: Timestamp, reason: &str) -> Result<(), Failure> {
    diesel::update(outbox_mails::table.find(id))
        .set((
            outbox_mails::due_at.eq(micros(at)),
            outbox_mails::claim.eq(None::<Vec<u8>>),
            outbox_mails::last_error.eq(reason),
        ))
        .execute(connection)?;
    Ok(())
}

fn park(connection: &mut SqliteConnection, id: &[u8], reason: &str, now: Timestamp) -> Result<(), Failure> {
    diesel::update(outbox_mails::table.find(id))
        .set((
            outbox_mails::due_at.eq(None::<i64>),
            outbox_mails::claim.eq(None::<Vec<u8>>),
            outbox_mails::parked_at.eq(micros(now)),
            outbox_mails::last_error.eq(reason),
        ))
        .execute(connection)?;
    Ok(())
}
