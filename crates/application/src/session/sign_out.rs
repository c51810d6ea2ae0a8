//! Use case: sign out of one session.

use crate::audit::{AuditEventType, AuditWriter};
use crate::ports::access_tokens::{AccessTokenFault, AccessTokens};
use crate::ports::change::{Change, Changes, SessionChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::ports::refresh_tokens::RefreshTokens;
use crate::ports::secrets::Secrets;
use crate::ports::sessions::Sessions;
use crate::request::RequestContext;
use gatewright_domain::Timestamp;
use gatewright_domain::session::session::{SessionEnd, SessionId};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use thiserror::Error;

/// Ends the session of whichever token is presented. Doing it again changes nothing, and a refresh token that
/// means nothing (any more) is answered like one that does (RFC 7009 §2.2).
#[derive(Clone)]
pub struct SignOut {
    /// Reads refresh tokens.
    pub refresh_tokens: Arc<dyn RefreshTokens>,
    /// Reads access tokens.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Finds the session.
    pub sessions: Arc<dyn Sessions>,
    /// Ends it.
    pub changes: Arc<dyn Changes>,
    /// Draws ids.
    pub secrets: Arc<dyn Secrets>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The token whose session is to end.
#[derive(Debug)]
pub enum SignOutToken {
    /// A refresh token, spent or not.
    Refresh(SecretString),
    /// An access token.
    Access(SecretString),
}

/// Why nothing was ended.
#[derive(Debug, Error)]
pub enum SignOutError {
    /// An access token that is not ours.
    #[error("the access token is not valid")]
    InvalidToken,
    /// An access token whose time is over.
    #[error("the access token has expired")]
    ExpiredToken,
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl SignOut {
    /// Ends the session.
    ///
    /// # Errors
    /// See [`SignOutError`].
    pub async fn execute(&self, token: &SignOutToken, context: &RequestContext) -> Result<(), SignOutError> {
        let now = self.clock.now();
        let Some(session) = self.session_of(token, now)? else {
            return Ok(());
        };
        let Some((session, user)) = self.sessions.find_with_user(session).await? else {
            return Ok(());
        };
        if session.ended.is_some() {
            return Ok(());
        }
        let audit = AuditWriter::new(&*self.secrets, context, now);
        let reason = SessionEnd::SignedOut;
        let event = audit
            .by_user(AuditEventType::SessionEnded, user.id)
            .in_session(session.id)
            .because(reason.as_str());
        let end = Change::Session(SessionChange::End {
            id: session.id,
            at: now,
            reason,
        });
        match self.changes.apply(vec![end, Change::Audit(event)]).await {
            // Ended by a request that ran at the same time: what was asked for is so.
            Ok(()) | Err(PortError::Conflict(Constraint::SessionUnchanged)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn session_of(&self, token: &SignOutToken, now: Timestamp) -> Result<Option<SessionId>, SignOutError> {
        match token {
            SignOutToken::Refresh(token) => Ok(self.refresh_tokens.read(token).map(|genuine| genuine.session)),
            SignOutToken::Access(token) => match self.access_tokens.verify(token.expose_secret(), now) {
                Ok(claims) => Ok(Some(claims.session_id)),
                Err(AccessTokenFault::Invalid) => Err(SignOutError::InvalidToken),
                Err(AccessTokenFault::Expired) => Err(SignOutError::ExpiredToken),
            },
        }
    }
}
