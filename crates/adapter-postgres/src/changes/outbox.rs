//! Putting mails into the outbox.

use crate::error::Failure;
use crate::rows::outbox::OutboxMailRow;
use crate::schema::outbox_mails;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use gatewright_application::mail::outbox_mail::OutboxMail;

pub(super) async fn enqueue(mut connection: &AsyncPgConnection, mail: &OutboxMail) -> Result<(), Failure> {
    diesel::insert_into(outbox_mails::table)
        .values(OutboxMailRow::from(mail))
        .execute(&mut connection)
        .await?;
    Ok(())
}
