//! Looking up pending registrations.

use crate::error::Failure;
use crate::rows::columns::micros;
use crate::rows::registrations::RegistrationRow;
use crate::schema::registrations;
use crate::store::SqliteStore;
use async_trait::async_trait;
use diesel::prelude::*;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::registrations::Registrations;
use gatewright_domain::Timestamp;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::{Registration, RegistrationId};

#[async_trait]
impl Registrations for SqliteStore {
    async fn find(&self, id: RegistrationId) -> Result<Option<Registration>, PortError> {
        self.read(move |connection| find(connection, id)).await
    }

    async fn waiting_for(&self, email: &EmailAddress, now: Timestamp) -> Result<Vec<Registration>, PortError> {
        let canonical = email.canonical().to_owned();
        self.read(move |connection| waiting_for(connection, &canonical, now))
            .await
    }
}

fn find(connection: &mut SqliteConnection, id: RegistrationId) -> Result<Option<Registration>, Failure> {
    let row: Option<RegistrationRow> = registrations::table
        .find(id.0.as_bytes())
        .select(RegistrationRow::as_select())
        .get_result(connection)
        .optional()?;
    Ok(row.map(Registration::try_from).transpose()?)
}

fn waiting_for(
    connection: &mut SqliteConnection,
    canonical: &str,
    now: Timestamp,
) -> Result<Vec<Registration>, Failure> {
    let rows: Vec<RegistrationRow> = registrations::table
        .filter(registrations::email_canonical.eq(canonical))
        .filter(registrations::expires_at.gt(micros(now)))
        .order(registrations::created_at.desc())
        .select(RegistrationRow::as_select())
        .load(connection)?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}
