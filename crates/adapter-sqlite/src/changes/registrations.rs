//! Changes of pending registrations.

use crate::error::Failure;
use crate::rows::registrations::RegistrationRow;
use crate::schema::{challenges, registrations};
use diesel::prelude::*;
use gatewright_application::ports::change::RegistrationChange;

pub(super) fn apply(connection: &mut SqliteConnection, change: &RegistrationChange) -> Result<(), Failure> {
    match change {
        RegistrationChange::Insert(registration) => {
            diesel::insert_into(registrations::table)
                .values(RegistrationRow::from(registration))
                .execute(connection)?;
            Ok(())
        }
        RegistrationChange::DropAllFor(email) => drop_all_for(connection, email.canonical()),
    }
}

/// Drops what waits for the address of that canonical form, and the challenges that prove it.
pub(super) fn drop_all_for(connection: &mut SqliteConnection, canonical: &str) -> Result<(), Failure> {
    let waiting = registrations::table.filter(registrations::email_canonical.eq(canonical));
    let theirs = challenges::registration_id.eq_any(waiting.select(registrations::id.nullable()));
    diesel::delete(challenges::table.filter(theirs)).execute(connection)?;
    diesel::delete(waiting).execute(connection)?;
    Ok(())
}
