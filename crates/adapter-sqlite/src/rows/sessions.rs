//! Sessions.

use crate::error::corrupt;
use crate::rows::columns::{bytes, digest, id, micros, optional_address, parsed, time, word};
use crate::schema::sessions;
use diesel::{Insertable, Queryable, Selectable};
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::client::{DeviceId, UserAgent};
use gatewright_domain::session::session::{
    AuthenticationMethod, RefreshTokenDigest, Session, SessionEnd, SessionId, SpentToken,
};
use std::collections::BTreeSet;

/// A session as it is stored.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct SessionRow {
    id: Vec<u8>,
    user_id: Vec<u8>,
    device: String,
    address: Option<String>,
    user_agent: Option<String>,
    methods: String,
    authenticated_at: i64,
    created_at: i64,
    last_seen_at: i64,
    idle_expires_at: i64,
    expires_at: i64,
    generation: i64,
    token_digest: Vec<u8>,
    previous_token_digest: Option<Vec<u8>>,
    previous_token_spent_at: Option<i64>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        Self {
            id: bytes(session.id.0),
            user_id: bytes(session.user_id.0),
            device: session.device.as_str().to_owned(),
            address: session.address.map(|address| address.to_string()),
            user_agent: session.user_agent.as_ref().map(|agent| agent.as_str().to_owned()),
            methods: method_words(&session.methods),
            authenticated_at: micros(session.authenticated_at),
            created_at: micros(session.created_at),
            last_seen_at: micros(session.last_seen_at),
            idle_expires_at: micros(session.idle_expires_at),
            expires_at: micros(session.expires_at),
            generation: session.generation,
            token_digest: session.token.0.to_vec(),
            previous_token_digest: session.previous_token.map(|spent| spent.digest.0.to_vec()),
            previous_token_spent_at: session.previous_token.map(|spent| micros(spent.spent_at)),
            ended_at: session.ended.map(|(at, _)| micros(at)),
            end_reason: session.ended.map(|(_, reason)| reason.as_str().to_owned()),
        }
    }
}

impl TryFrom<SessionRow> for Session {
    type Error = PortError;

    fn try_from(row: SessionRow) -> Result<Self, PortError> {
        let previous_token = spent_token(row.previous_token_digest.as_deref(), row.previous_token_spent_at)?;
        let ended = end(row.ended_at, row.end_reason.as_deref())?;
        Ok(Self {
            id: SessionId(id(&row.id)?),
            user_id: UserId(id(&row.user_id)?),
            device: parsed("session", &row.device, DeviceId::parse)?,
            address: optional_address(row.address.as_deref())?,
            user_agent: row.user_agent.as_deref().and_then(UserAgent::from_header),
            methods: method_set(&row.methods)?,
            authenticated_at: time(row.authenticated_at)?,
            created_at: time(row.created_at)?,
            last_seen_at: time(row.last_seen_at)?,
            idle_expires_at: time(row.idle_expires_at)?,
            expires_at: time(row.expires_at)?,
            generation: row.generation,
            token: RefreshTokenDigest(digest(&row.token_digest)?),
            previous_token,
            ended,
        })
    }
}

fn spent_token(spent: Option<&[u8]>, at: Option<i64>) -> Result<Option<SpentToken>, PortError> {
    match (spent, at) {
        (Some(spent), Some(at)) => Ok(Some(SpentToken {
            digest: RefreshTokenDigest(digest(spent)?),
            spent_at: time(at)?,
        })),
        (None, None) => Ok(None),
        _ => Err(corrupt("session", "half of a spent token")),
    }
}

fn end(at: Option<i64>, reason: Option<&str>) -> Result<Option<(Timestamp, SessionEnd)>, PortError> {
    match (at, reason) {
        (Some(at), Some(reason)) => {
            let reason = word("session", reason, SessionEnd::from_word(reason))?;
            Ok(Some((time(at)?, reason)))
        }
        (None, None) => Ok(None),
        _ => Err(corrupt("session", "half of an end")),
    }
}

/// The `amr` values, with a space between them.
fn method_words(methods: &BTreeSet<AuthenticationMethod>) -> String {
    let words: Vec<&str> = methods.iter().map(|method| method.as_str()).collect();
    words.join(" ")
}

fn method_set(words: &str) -> Result<BTreeSet<AuthenticationMethod>, PortError> {
    words
        .split_terminator(' ')
        .map(|text| word("session", text, AuthenticationMethod::from_word(text)))
        .collect()
}
