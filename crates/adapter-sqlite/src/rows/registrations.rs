//! Pending registrations.

use crate::rows::columns::{bytes, id, micros, optional_address, parsed, time};
use crate::rows::users::{optional_display_name, optional_username};
use crate::schema::registrations;
use diesel::{Insertable, Queryable, Selectable};
use gatewright_application::ports::error::PortError;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::{Registration, RegistrationId};
use gatewright_domain::password::hash::PasswordHash;

/// A registration as it is stored.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = registrations, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct RegistrationRow {
    id: Vec<u8>,
    email: String,
    email_canonical: String,
    username: Option<String>,
    display_name: Option<String>,
    password_hash: String,
    network: Option<String>,
    created_at: i64,
    expires_at: i64,
}

impl From<&Registration> for RegistrationRow {
    fn from(registration: &Registration) -> Self {
        Self {
            id: bytes(registration.id.0),
            email: registration.email.as_str().to_owned(),
            email_canonical: registration.email.canonical().to_owned(),
            username: registration.username.as_ref().map(|name| name.as_str().to_owned()),
            display_name: registration.display_name.as_ref().map(|name| name.as_str().to_owned()),
            password_hash: registration.password.as_phc().to_owned(),
            network: registration.network.map(|network| network.to_string()),
            created_at: micros(registration.created_at),
            expires_at: micros(registration.expires_at),
        }
    }
}

impl TryFrom<RegistrationRow> for Registration {
    type Error = PortError;

    fn try_from(row: RegistrationRow) -> Result<Self, PortError> {
        Ok(Self {
            id: RegistrationId(id(&row.id)?),
            email: parsed("registration", &row.email, EmailAddress::parse)?,
            username: optional_username(row.username.as_deref())?,
            display_name: optional_display_name(row.display_name.as_deref())?,
            password: PasswordHash::from_phc(row.password_hash),
            network: optional_address(row.network.as_deref())?,
            created_at: time(row.created_at)?,
            expires_at: time(row.expires_at)?,
        })
    }
}
