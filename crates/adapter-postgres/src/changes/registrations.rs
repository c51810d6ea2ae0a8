//! Changes of pending registrations.

use crate::changes::Step;
use crate::error::Failure;
use crate::rows::registrations::RegistrationRow;
use crate::schema::{challenges, registrations};
use diesel::prelude::{ExpressionMethods, NullableExpressionMethods, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use gatewright_application::ports::change::RegistrationChange;
use gatewright_domain::account::registration::Registration;

pub(super) fn steps<'a>(connection: &'a AsyncPgConnection, change: &'a RegistrationChange) -> Vec<Step<'a>> {
    match change {
        RegistrationChange::Insert(registration) => vec![insert(connection, registration).boxed()],
        // The challenges first, which are found by their registrations.
        RegistrationChange::DropAllFor(email) => vec![
            drop_challenges_for(connection, email.canonical()).boxed(),
            drop_all_for(connection, email.canonical()).boxed(),
        ],
    }
}

async fn insert(mut connection: &AsyncPgConnection, registration: &Registration) -> Result<(), Failure> {
    diesel::insert_into(registrations::table)
        .values(RegistrationRow::from(registration))
        .execute(&mut connection)
        .await?;
    Ok(())
}

async fn drop_challenges_for(mut connection: &AsyncPgConnection, canonical: &str) -> Result<(), Failure> {
    let waiting = registrations::table
        .filter(registrations::email_canonical.eq(canonical))
        .select(registrations::id.nullable());
    diesel::delete(challenges::table.filter(challenges::registration_id.eq_any(waiting)))
        .execute(&mut connection)
        .await?;
    Ok(())
}

async fn drop_all_for(mut connection: &AsyncPgConnection, canonical: &str) -> Result<(), Failure> {
    diesel::delete(registrations::table.filter(registrations::email_canonical.eq(canonical)))
        .execute(&mut connection)
        .await?;
    Ok(())
}
