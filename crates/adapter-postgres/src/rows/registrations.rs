//! Pending registrations.

use crate::rows::columns::{inet, parsed};
use crate::rows::users::{optional_display_name, optional_username};
use crate::schema::registrations;
use diesel::{Insertable, Queryable, Selectable};
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::{Registration, RegistrationId};
use gatewright_domain::password::hash::PasswordHash;
use ipnet::IpNet;
use uuid::Uuid;

/// A registration as it is stored.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = registrations, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
pub(crate) struct RegistrationRow {
    id: Uuid,
    email: String,
    email_canonical: String,
    username: Option<String>,
    display_name: Option<String>,
    password_hash: String,
    network: Option<IpNet>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl From<&Registration> for RegistrationRow {
    fn from(registration: &Registration) -> Self {
        Self {
            id: registration.id.0,
            email: registration.email.as_str().to_owned(),
            email_canonical: registration.email.canonical().to_owned(),
            username: registration.username.as_ref().map(|name| name.as_str().to_owned()),
            display_name: registration.display_name.as_ref().map(|name| name.as_str().to_owned()),
            password_hash: registration.password.as_phc().to_owned(),
            network: inet(registration.network),
            created_at: registration.created_at,
            expires_at: registration.expires_at,
        }
    }
}

impl TryFrom<RegistrationRow> for Registration {
    type Error = PortError;

    fn try_from(row: RegistrationRow) -> Result<Self, PortError> {
        Ok(Self {
            id: RegistrationId(row.id),
            email: parsed("registration", &row.email, EmailAddress::parse)?,
            username: optional_username(row.username.as_deref())?,
            display_name: optional_display_name(row.display_name.as_deref())?,
            password: PasswordHash::from_phc(row.password_hash),
            network: row.network.map(|network| network.addr()),
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}
