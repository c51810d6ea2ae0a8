//! Putting mails into the outbox.

use crate::error::Failure;
use crate::rows::outbox::OutboxMailRow;
use crate::schema::outbox_mails;
use diesel::prelude::*;
use gatewright_application::mail::outbox_mail::OutboxMail;

pub(super) fn enqueue(connection: &mut SqliteConnection, mail: &OutboxMail) -> Result<(), Failure> {
    diesel::insert_into(outbox_mails::table)
        .values(OutboxMailRow::from(mail))
        .execute(connection)?;
    Ok(())
}
