//! Handing mails to workers.

use crate::error::Failure;
use crate::prepared::Prepared;
use crate::reads::outbox::backlog;
use crate::rows::columns::storable;
use crate::rows::outbox::OutboxMailRow;
use crate::schema::outbox_mails;
use crate::store::PostgresStore;
use async_trait::async_trait;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel::sql_types::{BigInt, Timestamptz, Uuid as UuidType};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use gatewright_application::mail::outbox_mail::MailId;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::outbox::{Backlog, ClaimedMail, MailOutcome, Outbox};
use gatewright_domain::{Duration, Timestamp};
use uuid::Uuid;

/// Takes mails that are due and that nobody else is taking just now: claim, end of the lease, now, how many. It answers with
/// the time at which each was due, for their order.
const CLAIM_DUE: &str = "
    with due as (
        select id, due_at from outbox_mails
        where due_at <= $3 order by due_at, id limit $4
        for update skip locked
    )
    update outbox_mails set claim = $1, due_at = $2, attempts = outbox_mails.attempts + 1
    from due where outbox_mails.id = due.id
    returning outbox_mails.id, template, recipient, sealed_content, created_at, expires_at, due.due_at, attempts";

#[async_trait]
impl Outbox for PostgresStore {
    async fn claim_due(
        &self,
        claim: Uuid,
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<ClaimedMail>, PortError> {
        let connection = self.lease().await?;
        connection
            .run(|connection| claim_due(connection, claim, limit, lease, now))
            .await
    }

    async fn release_claims(&self, now: Timestamp) -> Result<(), PortError> {
        let lease = self.lease().await?;
        lease.run(|connection| release_claims(connection, now)).await
    }

    async fn record(&self, id: MailId, claim: Uuid, outcome: MailOutcome, now: Timestamp) -> Result<(), PortError> {
        let lease = self.lease().await?;
        lease
            .run(|connection| record(connection, id.0, claim, &outcome, now))
            .await
    }

    async fn backlog(&self, now: Timestamp) -> Result<Backlog, PortError> {
        self.lease().await?.run(|connection| backlog(connection, now)).await
    }
}

async fn claim_due(
    mut connection: &AsyncPgConnection,
    claim: Uuid,
    limit: u32,
    lease: Duration,
    now: Timestamp,
) -> Result<Vec<ClaimedMail>, Failure> {
    let statement = diesel::sql_query(CLAIM_DUE)
        .bind::<UuidType, _>(claim)
        .bind::<Timestamptz, _>(now + lease)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(i64::from(limit));
    let mut rows: Vec<OutboxMailRow> = Prepared(statement).load(&mut connection).await?;
    // An update answers in any order.
    rows.sort_by_key(|row| (row.due_at, row.id));
    let mut claimed = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row.id;
        match row.into_claimed(claim) {
            Ok(mail) => claimed.push(mail),
            Err(error) => {
                tracing::error!(%error, "a mail in the outbox cannot be read and is set aside");
                park(connection, id, claim, &error.to_string(), now).await?;
            }
        }
    }
    Ok(claimed)
}

async fn release_claims(mut connection: &AsyncPgConnection, now: Timestamp) -> Result<(), Failure> {
    let held = outbox_mails::table
        .filter(outbox_mails::due_at.gt(now))
        .filter(outbox_mails::claim.is_not_null());
    let release = diesel::update(held).set((outbox_mails::due_at.eq(now), outbox_mails::claim.eq(None::<Uuid>)));
    Prepared(release).execute(&mut connection).await?;
    Ok(())
}

async fn record(
    connection: &AsyncPgConnection,
    id: Uuid,
    claim: Uuid,
    outcome: &MailOutcome,
    now: Timestamp,
) -> Result<(), Failure> {
    match outcome {
        MailOutcome::Sent => sent(connection, id, claim, now).await,
        MailOutcome::Retry { at, reason } => retry(connection, id, claim, *at, reason).await,
        MailOutcome::Parked { reason } => park(connection, id, claim, reason, now).await,
    }
}

async fn sent(mut connection: &AsyncPgConnection, id: Uuid, claim: Uuid, now: Timestamp) -> Result<(), Failure> {
    let held = outbox_mails::table.find(id).filter(outbox_mails::claim.eq(claim));
    let forget = diesel::update(held).set((
        outbox_mails::sealed_content.eq(None::<String>),
        outbox_mails::recipient.eq(""),
        outbox_mails::due_at.eq(None::<Timestamp>),
        outbox_mails::claim.eq(None::<Uuid>),
        outbox_mails::sent_at.eq(now),
    ));
    Prepared(forget).execute(&mut connection).await?;
    Ok(())
}

async fn retry(
    mut connection: &AsyncPgConnection,
    id: Uuid,
    claim: Uuid,
    at: Timestamp,
    reason: &str,
) -> Result<(), Failure> {
    let held = outbox_mails::table.find(id).filter(outbox_mails::claim.eq(claim));
    let wait = diesel::update(held).set((
        outbox_mails::due_at.eq(at),
        outbox_mails::claim.eq(None::<Uuid>),
        outbox_mails::last_error.eq(storable(reason)),
    ));
    Prepared(wait).execute(&mut connection).await?;
    Ok(())
}

async fn park(
    mut connection: &AsyncPgConnection,
    id: Uuid,
    claim: Uuid,
    reason: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let held = outbox_mails::table.find(id).filter(outbox_mails::claim.eq(claim));
    let set_aside = diesel::update(held).set((
        outbox_mails::due_at.eq(None::<Timestamp>),
        outbox_mails::claim.eq(None::<Uuid>),
        outbox_mails::parked_at.eq(now),
        outbox_mails::last_error.eq(storable(reason)),
    ));
    Prepared(set_aside).execute(&mut connection).await?;
    Ok(())
}
