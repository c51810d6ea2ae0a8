//! Sessions.

use crate::error::corrupt;
use crate::rows::columns::{digest, inet, parsed, word};
use crate::schema::sessions;
use diesel::{Insertable, Queryable, Selectable};
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::client::{DeviceId, UserAgent};
use gatewright_domain::session::session::{
    AuthenticationMethod, RefreshTokenDigest, Session, SessionEnd, SessionId, SpentToken,
};
use ipnet::IpNet;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A session as it is stored.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
pub(crate) struct SessionRow {
    id: Uuid,
    user_id: Uuid,
    device: String,
    address: Option<IpNet>,
    user_agent: Option<String>,
    methods: Vec<String>,
    authenticated_at: Timestamp,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    idle_expires_at: Timestamp,
    expires_at: Timestamp,
    generation: i64,
    token_digest: Vec<u8>,
    previous_token_digest: Option<Vec<u8>>,
    previous_token_spent_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    end_reason: Option<String>,
}

impl From<&Session> for SessionRow {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.0,
            user_id: session.user_id.0,
            device: session.device.as_str().to_owned(),
            address: inet(session.address),
            user_agent: session.user_agent.as_ref().map(|agent| agent.as_str().to_owned()),
            methods: session
                .methods
                .iter()
                .map(|method| method.as_str().to_owned())
                .collect(),
            authenticated_at: session.authenticated_at,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            idle_expires_at: session.idle_expires_at,
            expires_at: session.expires_at,
            generation: session.generation,
            token_digest: session.token.0.to_vec(),
            previous_token_digest: session.previous_token.map(|spent| spent.digest.0.to_vec()),
            previous_token_spent_at: session.previous_token.map(|spent| spent.spent_at),
            ended_at: session.ended.map(|(at, _)| at),
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
            id: SessionId(row.id),
            user_id: UserId(row.user_id),
            device: parsed("session", &row.device, DeviceId::parse)?,
            address: row.address.map(|address| address.addr()),
            user_agent: row.user_agent.as_deref().and_then(UserAgent::from_header),
            methods: method_set(&row.methods)?,
            authenticated_at: row.authenticated_at,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            idle_expires_at: row.idle_expires_at,
            expires_at: row.expires_at,
            generation: row.generation,
            token: RefreshTokenDigest(digest(&row.token_digest)?),
            previous_token,
            ended,
        })
    }
}

fn spent_token(spent: Option<&[u8]>, at: Option<Timestamp>) -> Result<Option<SpentToken>, PortError> {
    match (spent, at) {
        (Some(spent), Some(spent_at)) => Ok(Some(SpentToken {
            digest: RefreshTokenDigest(digest(spent)?),
            spent_at,
        })),
        (None, None) => Ok(None),
        _ => Err(corrupt("session", "half of a spent token")),
    }
}

fn end(at: Option<Timestamp>, reason: Option<&str>) -> Result<Option<(Timestamp, SessionEnd)>, PortError> {
    match (at, reason) {
        (Some(at), Some(reason)) => {
            let reason = word("session", reason, SessionEnd::from_word(reason))?;
            Ok(Some((at, reason)))
        }
        (None, None) => Ok(None),
        _ => Err(corrupt("session", "half of an end")),
    }
}

/// From their `amr` values.
fn method_set(words: &[String]) -> Result<BTreeSet<AuthenticationMethod>, PortError> {
    words
        .iter()
        .map(|text| word("session", text, AuthenticationMethod::from_word(text)))
        .collect()
}
