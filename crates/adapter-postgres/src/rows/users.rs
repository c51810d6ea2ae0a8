//! Users and their roles.

use crate::error::corrupt;
use crate::rows::columns::{JsonText, parsed};
use crate::schema::users;
use diesel::{AsChangeset, Insertable, Queryable, Selectable};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::users::Account;
use gatewright_domain::Timestamp;
use gatewright_domain::access::role::RoleName;
use gatewright_domain::account::display_name::DisplayName;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::settings::UserSettings;
use gatewright_domain::account::user::{User, UserId, UserStatus};
use gatewright_domain::account::username::Username;
use gatewright_domain::password::hash::PasswordHash;
use std::collections::BTreeSet;
use uuid::Uuid;

/// What is read of a user without need: roles come from their own table, the password hash only where it is
/// asked for.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
pub(crate) struct UserRow {
    id: Uuid,
    email: String,
    email_verified_at: Option<Timestamp>,
    username: Option<String>,
    display_name: Option<String>,
    status: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_login_at: Option<Timestamp>,
    settings: JsonText,
}

impl UserRow {
    /// The user, with these roles.
    pub(crate) fn into_user(self, roles: &[String]) -> Result<User, PortError> {
        Ok(User {
            id: UserId(self.id),
            email: parsed("user", &self.email, EmailAddress::parse)?,
            email_verified_at: self.email_verified_at,
            username: optional_username(self.username.as_deref())?,
            display_name: optional_display_name(self.display_name.as_deref())?,
            roles: role_set(roles)?,
            settings: UserSettings::from_json(self.settings.0).map_err(|error| corrupt("user", error.to_string()))?,
            status: status_of(&self.status)?,
            created_at: self.created_at,
            updated_at: self.updated_at,
            last_login_at: self.last_login_at,
        })
    }

    /// The user together with the stored password hash.
    pub(crate) fn into_account(self, password: Option<String>, roles: &[String]) -> Result<Account, PortError> {
        Ok(Account {
            user: self.into_user(roles)?,
            password: password.map(PasswordHash::from_phc),
        })
    }
}

fn role_set(roles: &[String]) -> Result<BTreeSet<RoleName>, PortError> {
    roles.iter().map(|role| parsed("role", role, RoleName::parse)).collect()
}

/// A handle that may be missing.
pub(crate) fn optional_username(text: Option<&str>) -> Result<Option<Username>, PortError> {
    text.map(|text| parsed("username", text, Username::parse)).transpose()
}

/// A name to show that may be missing.
pub(crate) fn optional_display_name(text: Option<&str>) -> Result<Option<DisplayName>, PortError> {
    text.map(|text| parsed("display name", text, DisplayName::parse))
        .transpose()
}

fn status_word(status: UserStatus) -> &'static str {
    match status {
        UserStatus::Active => "active",
        UserStatus::Disabled => "disabled",
    }
}

fn status_of(word: &str) -> Result<UserStatus, PortError> {
    match word {
        "active" => Ok(UserStatus::Active),
        "disabled" => Ok(UserStatus::Disabled),
        other => Err(corrupt("user", format!("unknown status {other:?}"))),
    }
}

/// A user as it is first stored.
#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(crate) struct NewUserRow<'a> {
    id: Uuid,
    email: &'a str,
    email_canonical: &'a str,
    email_verified_at: Option<Timestamp>,
    username: Option<&'a str>,
    username_canonical: Option<&'a str>,
    display_name: Option<&'a str>,
    password_hash: Option<&'a str>,
    status: &'static str,
    created_at: Timestamp,
    updated_at: Timestamp,
    last_login_at: Option<Timestamp>,
    settings: JsonText,
}

impl<'a> NewUserRow<'a> {
    /// What is stored of `user`; the roles have their own table.
    pub(crate) fn new(user: &'a User, password: Option<&'a PasswordHash>) -> Self {
        Self {
            id: user.id.0,
            email: user.email.as_str(),
            email_canonical: user.email.canonical(),
            email_verified_at: user.email_verified_at,
            username: user.username.as_ref().map(Username::as_str),
            username_canonical: user.username.as_ref().map(Username::canonical),
            display_name: user.display_name.as_ref().map(DisplayName::as_str),
            password_hash: password.map(PasswordHash::as_phc),
            status: status_word(user.status),
            created_at: user.created_at,
            updated_at: user.updated_at,
            last_login_at: user.last_login_at,
            settings: JsonText(user.settings.as_json().to_owned()),
        }
    }
}

/// What an edit of the profile sets; the rest stays. An inner `None` empties a column.
#[derive(AsChangeset)]
#[diesel(table_name = users)]
#[expect(
    clippy::option_option,
    reason = "diesel's own way to tell keeping a column from emptying it"
)]
pub(crate) struct ProfileEditRow<'a> {
    /// The handle as it is shown.
    pub(crate) username: Option<Option<&'a str>>,
    /// The handle as it is compared.
    pub(crate) username_canonical: Option<Option<&'a str>>,
    /// The name to show.
    pub(crate) display_name: Option<Option<&'a str>>,
    /// The product's document.
    pub(crate) settings: Option<JsonText>,
    /// When.
    pub(crate) updated_at: Timestamp,
}
