//! Looking up pending registrations.

use crate::error::Failure;
use crate::rows::registrations::RegistrationRow;
use crate::schema::registrations;
use crate::store::PostgresStore;
use async_trait::async_trait;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::registrations::Registrations;
use gatewright_domain::Timestamp;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::{Registration, RegistrationId};

#[async_trait]
impl Registrations for PostgresStore {
    async fn find(&self, id: RegistrationId) -> Result<Option<Registration>, PortError> {
        self.lease().await?.run(|connection| find(connection, id)).await
    }

    async fn waiting_for(&self, email: &EmailAddress, now: Timestamp) -> Result<Vec<Registration>, PortError> {
        let lease = self.lease().await?;
        lease
            .run(|connection| waiting_for(connection, email.canonical(), now))
            .await
    }
}

async fn find(mut connection: &AsyncPgConnection, id: RegistrationId) -> Result<Option<Registration>, Failure> {
    let row: Option<RegistrationRow> = registrations::table
        .find(id.0)
        .select(RegistrationRow::as_select())
        .get_result(&mut connection)
        .await
        .optional()?;
    Ok(row.map(Registration::try_from).transpose()?)
}

async fn waiting_for(
    mut connection: &AsyncPgConnection,
    canonical: &str,
    now: Timestamp,
) -> Result<Vec<Registration>, Failure> {
    let rows: Vec<RegistrationRow> = registrations::table
        .filter(registrations::email_canonical.eq(canonical))
        .filter(registrations::expires_at.gt(now))
        .order(registrations::created_at.desc())
        .select(RegistrationRow::as_select())
        .load(&mut connection)
        .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}
