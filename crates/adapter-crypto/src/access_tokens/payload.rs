//! The JSON inside an access token.

use crate::rfc3339;
use gatewright_domain::Timestamp;
use gatewright_domain::access::claims::AccessClaims;
use gatewright_domain::access::role::{Permission, RoleName};
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::{AuthenticationMethod, SessionId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The claims as they are written. Reading refuses one that is missing, unknown, there twice, or of another type.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payload {
    pub(crate) iss: String,
    pub(crate) aud: String,
    sub: Uuid,
    jti: Uuid,
    iat: String,
    nbf: String,
    exp: String,
    sid: Uuid,
    roles: Vec<String>,
    permissions: Vec<String>,
    amr: Vec<String>,
    auth_time: String,
}

impl Payload {
    /// What a token of this issuer for this audience says of `claims`.
    pub(crate) fn new(issuer: &str, audience: &str, claims: &AccessClaims) -> Self {
        let issued_at = rfc3339::text(claims.issued_at);
        Self {
            iss: issuer.to_owned(),
            aud: audience.to_owned(),
            sub: claims.user_id.0,
            jti: claims.token_id,
            iat: issued_at.clone(),
            nbf: issued_at,
            exp: rfc3339::text(claims.expires_at),
            sid: claims.session_id.0,
            roles: claims.roles.iter().map(|role| role.as_str().to_owned()).collect(),
            permissions: claims.permissions.iter().map(|word| word.as_str().to_owned()).collect(),
            amr: claims.methods.iter().map(|method| method.as_str().to_owned()).collect(),
            auth_time: rfc3339::text(claims.authenticated_at),
        }
    }

    /// Reads the JSON of a token whose signature holds.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        // A list of the values alone would be read as well.
        if !json.starts_with('{') {
            return None;
        }
        serde_json::from_str(json).ok()
    }

    /// `nbf`.
    pub(crate) fn not_before(&self) -> Option<Timestamp> {
        rfc3339::parse(&self.nbf)
    }

    /// The claims, where each of them has a value that this service knows.
    pub(crate) fn claims(&self) -> Option<AccessClaims> {
        Some(AccessClaims {
            user_id: UserId(self.sub),
            session_id: SessionId(self.sid),
            token_id: self.jti,
            issued_at: rfc3339::parse(&self.iat)?,
            expires_at: rfc3339::parse(&self.exp)?,
            authenticated_at: rfc3339::parse(&self.auth_time)?,
            methods: words(&self.amr, AuthenticationMethod::from_word)?,
            roles: words(&self.roles, |word| RoleName::parse(word).ok())?,
            permissions: words(&self.permissions, Permission::from_word)?,
        })
    }
}

fn words<T, C: FromIterator<T>>(words: &[String], read: impl Fn(&str) -> Option<T>) -> Option<C> {
    words.iter().map(|word| read(word)).collect()
}
