//! Looking up sessions.

use crate::error::Failure;
use crate::reads::users::roles_of_user;
use crate::rows::sessions::SessionRow;
use crate::rows::users::UserRow;
use crate::schema::{sessions, users};
use crate::store::PostgresStore;
use async_trait::async_trait;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::sessions::Sessions;
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::session::session::{Session, SessionId};

#[async_trait]
impl Sessions for PostgresStore {
    async fn find_with_user(&self, id: SessionId) -> Result<Option<(Session, User)>, PortError> {
        let lease = self.lease().await?;
        lease.run(|connection| find_with_user(connection, id)).await
    }

    async fn live_of_user(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, PortError> {
        let lease = self.lease().await?;
        lease.run(|connection| live_of_user(connection, user, now)).await
    }
}

async fn find_with_user(mut connection: &AsyncPgConnection, id: SessionId) -> Result<Option<(Session, User)>, Failure> {
    let row: Option<(SessionRow, UserRow, Vec<String>)> = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(id.0))
        .select((SessionRow::as_select(), UserRow::as_select(), roles_of_user()))
        .get_result(&mut connection)
        .await
        .optional()?;
    row.map(|(session, user, roles)| Ok((session.try_into()?, user.into_user(&roles)?)))
        .transpose()
}

async fn live_of_user(
    mut connection: &AsyncPgConnection,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Session>, Failure> {
    let rows: Vec<SessionRow> = sessions::table
        .filter(sessions::user_id.eq(user.0))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::idle_expires_at.gt(now))
        .filter(sessions::expires_at.gt(now))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .select(SessionRow::as_select())
        .load(&mut connection)
        .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}
