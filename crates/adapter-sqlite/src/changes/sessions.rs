//! Changes of sessions.

use crate::error::Failure;
use crate::rows::columns::micros;
use crate::rows::sessions::SessionRow;
use crate::schema::sessions;
use diesel::prelude::*;
use gatewright_application::ports::change::SessionChange;
use gatewright_application::ports::error::Constraint;
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::client::UserAgent;
use gatewright_domain::session::session::{Session, SessionEnd, SessionId};

pub(super) fn apply(connection: &mut SqliteConnection, change: &SessionChange) -> Result<(), Failure> {
    match change {
        SessionChange::Insert(session) => insert(connection, session),
        SessionChange::Rotate { to } => rotate(connection, to),
        SessionChange::End { id, at, reason } => end(connection, *id, *at, *reason),
        SessionChange::EndAllOf {
            user,
            except,
            at,
            reason,
        } => end_all_of(connection, *user, *except, *at, *reason),
    }
}

fn insert(connection: &mut SqliteConnection, session: &Session) -> Result<(), Failure> {
    diesel::insert_into(sessions::table)
        .values(SessionRow::from(session))
        .execute(connection)?;
    Ok(())
}

fn rotate(connection: &mut SqliteConnection, to: &Session) -> Result<(), Failure> {
    let spent = to.previous_token.as_ref();
    let rotated = diesel::update(sessions::table.find(to.id.0.as_bytes()))
        .filter(sessions::generation.eq(to.generation - 1))
        .filter(sessions::ended_at.is_null())
        .set((
            sessions::address.eq(to.address.map(|address| address.to_string())),
            sessions::user_agent.eq(to.user_agent.as_ref().map(UserAgent::as_str)),
            sessions::last_seen_at.eq(micros(to.last_seen_at)),
            sessions::idle_expires_at.eq(micros(to.idle_expires_at)),
            sessions::generation.eq(to.generation),
            sessions::token_digest.eq(to.token.0.as_slice()),
            sessions::previous_token_digest.eq(spent.map(|spent| spent.digest.0.as_slice())),
            sessions::previous_token_spent_at.eq(spent.map(|spent| micros(spent.spent_at))),
        ))
        .execute(connection)?;
    if rotated == 1 {
        Ok(())
    } else {
        Err(Constraint::SessionUnchanged.into())
    }
}

fn end(connection: &mut SqliteConnection, id: SessionId, at: Timestamp, reason: SessionEnd) -> Result<(), Failure> {
    let ended = diesel::update(sessions::table.find(id.0.as_bytes()))
        .filter(sessions::ended_at.is_null())
        .set((
            sessions::ended_at.eq(micros(at)),
            sessions::end_reason.eq(reason.as_str()),
        ))
        .execute(connection)?;
    if ended == 1 {
        Ok(())
    } else {
        Err(Constraint::SessionUnchanged.into())
    }
}

fn end_all_of(
    connection: &mut SqliteConnection,
    user: UserId,
    except: Option<SessionId>,
    at: Timestamp,
    reason: SessionEnd,
) -> Result<(), Failure> {
    // No session has an empty id: it spares none.
    let spared: &[u8] = except.as_ref().map_or(&[], |id| id.0.as_bytes());
    diesel::update(sessions::table)
        .filter(sessions::user_id.eq(user.0.as_bytes()))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(spared))
        .set((
            sessions::ended_at.eq(micros(at)),
            sessions::end_reason.eq(reason.as_str()),
        ))
        .execute(connection)?;
    Ok(())
}
