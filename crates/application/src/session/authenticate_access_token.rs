//! Use case: recognise the bearer of an access token.

use crate::ports::access_tokens::{AccessTokenFault, AccessTokens};
use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::remembered_identities::RememberedIdentities;
use crate::ports::sessions::Sessions;
use crate::session::identity::Identity;
use gatewright_domain::account::user::UserStatus;
use std::sync::Arc;
use thiserror::Error;

/// Recognises bearers: a remembered token costs one look-up, a new one a signature and one read.
#[derive(Clone)]
pub struct AuthenticateAccessToken {
    /// Remembers.
    pub identities: Arc<dyn RememberedIdentities>,
    /// Verifies.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Reads session and user.
    pub sessions: Arc<dyn Sessions>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Why a bearer is not recognised.
#[derive(Debug, Error)]
pub enum AuthenticateAccessTokenError {
    /// Not a token of ours.
    #[error("the access token is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the access token has expired")]
    Expired,
    /// Its session has ended, or the account is closed or gone.
    #[error("the session was ended")]
    Revoked,
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl From<AccessTokenFault> for AuthenticateAccessTokenError {
    fn from(fault: AccessTokenFault) -> Self {
        match fault {
            AccessTokenFault::Invalid => Self::Invalid,
            AccessTokenFault::Expired => Self::Expired,
        }
    }
}

impl AuthenticateAccessToken {
    /// Recognises the bearer of `token`.
    ///
    /// # Errors
    /// See [`AuthenticateAccessTokenError`].
    pub async fn execute(&self, token: &str) -> Result<Arc<Identity>, AuthenticateAccessTokenError> {
        let now = self.clock.now();
        if let Some(identity) = self.identities.recall(token, now) {
            return Ok(identity);
        }
        let epoch = self.identities.epoch();
        let claims = self.access_tokens.verify(token, now)?;
        let found = self.sessions.find_with_user(claims.session_id).await?;
        let (session, user) = found.ok_or(AuthenticateAccessTokenError::Revoked)?;
        let usable = session.is_live(now) && user.status == UserStatus::Active && user.id == claims.user_id;
        if !usable {
            return Err(AuthenticateAccessTokenError::Revoked);
        }
        let good_until = claims.expires_at.min(session.idle_expires_at).min(session.expires_at);
        let identity = Arc::new(Identity {
            claims,
            user,
            good_until,
        });
        self.identities.remember(token, Arc::clone(&identity), epoch);
        Ok(identity)
    }
}
