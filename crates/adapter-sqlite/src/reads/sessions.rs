//! Looking up sessions.

use crate::error::Failure;
use crate::reads::users::roles_of_user;
use crate::rows::columns::micros;
use crate::rows::sessions::SessionRow;
use crate::rows::users::UserRow;
use crate::schema::{sessions, users};
use crate::store::SqliteStore;
use async_trait::async_trait;
use diesel::prelude::*;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::sessions::Sessions;
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::session::session::{Session, SessionId};

#[async_trait]
impl Sessions for SqliteStore {
    async fn find_with_user(&self, id: SessionId) -> Result<Option<(Session, User)>, PortError> {
        self.read(move |connection| find_with_user(connection, id)).await
    }

    async fn live_of_user(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, PortError> {
        self.read(move |connection| live_of_user(connection, user, now)).await
    }
}

fn find_with_user(connection: &mut SqliteConnection, id: SessionId) -> Result<Option<(Session, User)>, Failure> {
    let row: Option<(SessionRow, UserRow, Option<String>)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(id.0.as_bytes()))
        .select((SessionRow::as_select(), UserRow::as_select(), roles_of_user()))
        .get_result(connection)
        .optional()?;
    row.map(|(session, user, roles)| Ok((session.try_into()?, user.into_user(roles)?)))
        .transpose()
}

fn live_of_user(connection: &mut SqliteConnection, user: UserId, now: Timestamp) -> Result<Vec<Session>, Failure> {
    let rows: Vec<SessionRow> = sessions::table
        .filter(sessions::user_id.eq(user.0.as_bytes()))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::idle_expires_at.gt(micros(now)))
        .filter(sessions::expires_at.gt(micros(now)))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .select(SessionRow::as_select())
        .load(connection)?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}
