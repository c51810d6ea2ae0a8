//! Opening a session and granting tokens for it.

use crate::ports::access_tokens::AccessTokens;
use crate::ports::error::PortError;
use crate::ports::refresh_tokens::RefreshTokens;
use crate::ports::secrets::Secrets;
use gatewright_domain::access::claims::AccessClaims;
use gatewright_domain::access::role::permissions_of;
use gatewright_domain::account::user::User;
use gatewright_domain::session::client::{Client, DeviceId};
use gatewright_domain::session::session::{AuthenticationMethod, Session, SessionId, SessionPolicy};
use gatewright_domain::{Duration, Timestamp};
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The tokens of a session, and who it belongs to.
#[derive(Debug)]
pub struct TokenGrant {
    /// The access token.
    pub access_token: SecretString,
    /// How long it is good.
    pub access_expires_in: Duration,
    /// The refresh token.
    pub refresh_token: SecretString,
    /// How long it is good if it is not used.
    pub refresh_expires_in: Duration,
    /// The session.
    pub session_id: SessionId,
    /// The device it belongs to, minted where the client named none.
    pub device: DeviceId,
    /// The user.
    pub user: User,
}

/// Opens sessions and signs tokens.
#[derive(Clone)]
pub struct SessionOpener {
    /// Draws ids.
    pub secrets: Arc<dyn Secrets>,
    /// Signs access tokens.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Makes refresh tokens.
    pub refresh_tokens: Arc<dyn RefreshTokens>,
    /// How long everything lives.
    pub policy: SessionPolicy,
}

impl SessionOpener {
    /// A new session of `user`, to be stored by the caller, and its first refresh token.
    #[must_use]
    pub fn open(
        &self,
        user: &User,
        methods: BTreeSet<AuthenticationMethod>,
        client: &Client,
        now: Timestamp,
    ) -> (Session, SecretString) {
        let id = SessionId(self.secrets.new_id(now));
        let refresh = self.refresh_tokens.first(id);
        let session = Session {
            id,
            user_id: user.id,
            device: client.device.clone().unwrap_or_else(|| self.secrets.device_id()),
            address: client.address,
            user_agent: client.user_agent.clone(),
            methods,
            authenticated_at: now,
            created_at: now,
            last_seen_at: now,
            idle_expires_at: self.policy.idle_expiry(now, now),
            expires_at: now + self.policy.absolute_ttl,
            generation: 0,
            token: refresh.digest,
            previous_token: None,
            ended: None,
        };
        (session, refresh.token)
    }

    /// Tokens for `session`, which is stored. The access token never outlives the session.
    ///
    /// # Errors
    /// [`PortError`] where the access token cannot be signed.
    pub fn grant(
        &self,
        session: Session,
        user: User,
        refresh_token: SecretString,
        now: Timestamp,
    ) -> Result<TokenGrant, PortError> {
        let expires_at = (now + self.policy.access_token_ttl).min(session.expires_at);
        let access_token = self.access_tokens.issue(&AccessClaims {
            user_id: user.id,
            session_id: session.id,
            token_id: self.secrets.new_id(now),
            issued_at: now,
            expires_at,
            authenticated_at: session.authenticated_at,
            methods: session.methods,
            permissions: permissions_of(&user.roles),
            roles: user.roles.clone(),
        })?;
        Ok(TokenGrant {
            access_token,
            access_expires_in: expires_at - now,
            refresh_token,
            refresh_expires_in: session.idle_expires_at - now,
            session_id: session.id,
            device: session.device,
            user,
        })
    }
}
