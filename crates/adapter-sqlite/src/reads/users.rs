//! Looking up users.

use crate::error::Failure;
use crate::reads::group_concat;
use crate::rows::users::{ROLE_SEPARATOR, UserRow};
use crate::schema::{user_roles, users};
use crate::store::SqliteStore;
use async_trait::async_trait;
use diesel::dsl::{AsSelect, auto_type};
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::users::{Account, Users};
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::user::UserId;
use gatewright_domain::account::username::Username;

#[async_trait]
impl Users for SqliteStore {
    async fn find(&self, id: UserId) -> Result<Option<Account>, PortError> {
        self.read(move |connection| account(accounts().filter(users::id.eq(id.0.as_bytes())).get_result(connection)))
            .await
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Account>, PortError> {
        let same = users::email_canonical.eq(email.canonical().to_owned());
        self.read(move |connection| account(accounts().filter(same).get_result(connection)))
            .await
    }

    async fn find_by_username(&self, username: &Username) -> Result<Option<Account>, PortError> {
        let same = users::username_canonical.eq(username.canonical().to_owned());
        self.read(move |connection| account(accounts().filter(same).get_result(connection)))
            .await
    }
}

/// Users with their password hash and their roles.
#[auto_type]
fn accounts() -> _ {
    let user: AsSelect<UserRow, Sqlite> = UserRow::as_select();
    users::table.select((user, users::password_hash, roles_of_user()))
}

/// The roles of the user in the row around it, as one text.
#[auto_type]
pub(crate) fn roles_of_user() -> _ {
    let separator: &'static str = ROLE_SEPARATOR;
    user_roles::table
        .filter(user_roles::user_id.eq(users::id))
        .select(group_concat(user_roles::role, separator))
        .single_value()
}

fn account(found: QueryResult<(UserRow, Option<String>, Option<String>)>) -> Result<Option<Account>, Failure> {
    match found.optional()? {
        Some((user, password, roles)) => Ok(Some(user.into_account(password, roles)?)),
        None => Ok(None),
    }
}
