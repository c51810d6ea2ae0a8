//! Looking up users.

use crate::error::Failure;
use crate::rows::users::UserRow;
use crate::schema::{user_roles, users};
use crate::store::PostgresStore;
use async_trait::async_trait;
use diesel::dsl::{AsSelect, array, auto_type};
use diesel::pg::Pg;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, SelectableHelper};
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::users::{Account, Users};
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::user::UserId;
use gatewright_domain::account::username::Username;

#[async_trait]
impl Users for PostgresStore {
    async fn find(&self, id: UserId) -> Result<Option<Account>, PortError> {
        self.lease().await?.run(|connection| find(connection, id)).await
    }

    async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<Account>, PortError> {
        let lease = self.lease().await?;
        lease
            .run(|connection| find_by_email(connection, email.canonical()))
            .await
    }

    async fn find_by_username(&self, username: &Username) -> Result<Option<Account>, PortError> {
        let lease = self.lease().await?;
        lease
            .run(|connection| find_by_username(connection, username.canonical()))
            .await
    }
}

async fn find(mut connection: &AsyncPgConnection, id: UserId) -> Result<Option<Account>, Failure> {
    let same = users::id.eq(id.0);
    account(accounts().filter(same).get_result(&mut connection).await)
}

async fn find_by_email(mut connection: &AsyncPgConnection, canonical: &str) -> Result<Option<Account>, Failure> {
    let same = users::email_canonical.eq(canonical);
    account(accounts().filter(same).get_result(&mut connection).await)
}

async fn find_by_username(mut connection: &AsyncPgConnection, canonical: &str) -> Result<Option<Account>, Failure> {
    let same = users::username_canonical.eq(canonical);
    account(accounts().filter(same).get_result(&mut connection).await)
}

/// Users with their password hash and their roles.
#[auto_type]
fn accounts() -> _ {
    let user: AsSelect<UserRow, Pg> = UserRow::as_select();
    users::table.select((user, users::password_hash, roles_of_user()))
}

/// The roles of the user in the row around it.
#[auto_type]
pub(crate) fn roles_of_user() -> _ {
    let roles: array<Text, role_names> = array(role_names());
    roles
}

#[auto_type]
fn role_names() -> _ {
    user_roles::table
        .filter(user_roles::user_id.eq(users::id))
        .select(user_roles::role)
}

fn account(found: QueryResult<(UserRow, Option<String>, Vec<String>)>) -> Result<Option<Account>, Failure> {
    match found.optional()? {
        Some((user, password, roles)) => Ok(Some(user.into_account(password, &roles)?)),
        None => Ok(None),
    }
}
