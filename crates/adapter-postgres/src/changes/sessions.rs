//! Changes of sessions.

use crate::changes::{Step, expect_one};
use crate::error::Failure;
use crate::prepared::Prepared;
use crate::rows::columns::inet;
use crate::rows::sessions::SessionRow;
use crate::schema::sessions;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use gatewright_application::ports::change::SessionChange;
use gatewright_application::ports::error::Constraint;
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::client::UserAgent;
use gatewright_domain::session::session::{Session, SessionEnd, SessionId};
use uuid::Uuid;

pub(super) fn step<'a>(connection: &'a AsyncPgConnection, change: &'a SessionChange) -> Step<'a> {
    match change {
        SessionChange::Insert(session) => insert(connection, session).boxed(),
        SessionChange::Rotate { to } => rotate(connection, to).boxed(),
        SessionChange::End { id, at, reason } => end(connection, *id, *at, *reason).boxed(),
        SessionChange::EndAllOf {
            user,
            except,
            at,
            reason,
        } => end_all_of(connection, *user, *except, *at, *reason).boxed(),
    }
}

async fn insert(mut connection: &AsyncPgConnection, session: &Session) -> Result<(), Failure> {
    diesel::insert_into(sessions::table)
        .values(SessionRow::from(session))
        .execute(&mut connection)
        .await?;
    Ok(())
}

async fn rotate(mut connection: &AsyncPgConnection, to: &Session) -> Result<(), Failure> {
    let spent = to.previous_token.as_ref();
    let live_and_one_behind = sessions::table
        .find(to.id.0)
        .filter(sessions::generation.eq(to.generation - 1))
        .filter(sessions::ended_at.is_null());
    let rotate = diesel::update(live_and_one_behind).set((
        sessions::address.eq(inet(to.address)),
        sessions::user_agent.eq(to.user_agent.as_ref().map(UserAgent::as_str)),
        sessions::last_seen_at.eq(to.last_seen_at),
        sessions::idle_expires_at.eq(to.idle_expires_at),
        sessions::generation.eq(to.generation),
        sessions::token_digest.eq(to.token.0.as_slice()),
        sessions::previous_token_digest.eq(spent.map(|spent| spent.digest.0.as_slice())),
        sessions::previous_token_spent_at.eq(spent.map(|spent| spent.spent_at)),
    ));
    let rotated = Prepared(rotate).execute(&mut connection).await?;
    expect_one(rotated, Constraint::SessionUnchanged)
}

async fn end(
    mut connection: &AsyncPgConnection,
    id: SessionId,
    at: Timestamp,
    reason: SessionEnd,
) -> Result<(), Failure> {
    let live = sessions::table.find(id.0).filter(sessions::ended_at.is_null());
    let end = diesel::update(live).set((sessions::ended_at.eq(at), sessions::end_reason.eq(reason.as_str())));
    let ended = Prepared(end).execute(&mut connection).await?;
    expect_one(ended, Constraint::SessionUnchanged)
}

async fn end_all_of(
    mut connection: &AsyncPgConnection,
    user: UserId,
    except: Option<SessionId>,
    at: Timestamp,
    reason: SessionEnd,
) -> Result<(), Failure> {
    // No session has the nil id: it spares none.
    let spared = except.map_or(Uuid::nil(), |id| id.0);
    let live = sessions::table
        .filter(sessions::user_id.eq(user.0))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(spared));
    let end = diesel::update(live).set((sessions::ended_at.eq(at), sessions::end_reason.eq(reason.as_str())));
    Prepared(end).execute(&mut connection).await?;
    Ok(())
}
