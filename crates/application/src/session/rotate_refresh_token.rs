//! Use case: exchange a refresh token for a new pair.

use crate::audit::{AuditEventType, AuditWriter};
use crate::mail::compose::{MailComposer, MailDraft, readable_time};
use crate::mail::content::MailTemplate;
use crate::ports::change::{Change, Changes, SessionChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::ports::refresh_tokens::GenuineRefreshToken;
use crate::ports::sessions::Sessions;
use crate::request::RequestContext;
use crate::session::open_session::{SessionOpener, TokenGrant};
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::{User, UserStatus};
use gatewright_domain::session::client::UserAgent;
use gatewright_domain::session::refresh::{RefreshDecision, RefreshRefusal, decide_refresh, rotated};
use gatewright_domain::session::session::{Session, SessionEnd};
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// How often a decision is made anew because somebody else was faster. One loser reads once more and finds its
/// token to be the direct predecessor; more tries are needed only if the winner's successor is rotated meanwhile.
const TRIES: usize = 4;

/// Exchanges refresh tokens: one read, one conditional write.
#[derive(Clone)]
pub struct RotateRefreshToken {
    /// Reads session and user.
    pub sessions: Arc<dyn Sessions>,
    /// Makes tokens.
    pub opener: SessionOpener,
    /// Stores the rotation.
    pub changes: Arc<dyn Changes>,
    /// Tells the owner of a theft.
    pub mails: MailComposer,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A token presented.
#[derive(Debug)]
pub struct RotateRefreshTokenCommand {
    /// The refresh token.
    pub refresh_token: SecretString,
    /// By whom.
    pub context: RequestContext,
}

/// Why there is no new pair.
#[derive(Debug, Error)]
pub enum RotateRefreshTokenError {
    /// Not a token of ours, or not this device's.
    #[error("the refresh token is not valid")]
    Invalid,
    /// The session is over for age or lack of use.
    #[error("the session has expired")]
    Expired,
    /// The session was ended, or the account closed.
    #[error("the session was ended")]
    Revoked,
    /// A spent token came back: the session is ended now, and its owner is told.
    #[error("the refresh token was used before")]
    Reused,
    /// Something else failed; the token presented can be tried again.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl RotateRefreshToken {
    /// Exchanges the token.
    ///
    /// # Errors
    /// See [`RotateRefreshTokenError`].
    pub async fn execute(&self, command: RotateRefreshTokenCommand) -> Result<TokenGrant, RotateRefreshTokenError> {
        let genuine = self
            .opener
            .refresh_tokens
            .read(&command.refresh_token)
            .ok_or(RotateRefreshTokenError::Invalid)?;
        for _ in 0..TRIES {
            match self.exchange(&genuine, &command.context).await {
                Err(RotateRefreshTokenError::Unexpected(PortError::Conflict(Constraint::SessionUnchanged))) => {}
                outcome => return outcome,
            }
        }
        let reason = "refresh token under contention".to_owned();
        Err(PortError::Unavailable {
            dependency: "database",
            reason,
        }
        .into())
    }

    async fn exchange(
        &self,
        genuine: &GenuineRefreshToken,
        context: &RequestContext,
    ) -> Result<TokenGrant, RotateRefreshTokenError> {
        let now = self.clock.now();
        let found = self.sessions.find_with_user(genuine.session).await?;
        let (session, user) = found.ok_or(RotateRefreshTokenError::Revoked)?;
        if user.status == UserStatus::Disabled {
            return Err(RotateRefreshTokenError::Revoked);
        }
        let policy = &self.opener.policy;
        match decide_refresh(&session, &genuine.digest, &context.client, policy, now) {
            RefreshDecision::Rotate => {
                let successor = self.opener.refresh_tokens.successor(genuine);
                let session = rotated(&session, successor.digest, &context.client, policy, now);
                let rotate = Change::Session(SessionChange::Rotate { to: session.clone() });
                // Signed first: a token that cannot be had must not cost the one presented.
                let grant = self.opener.grant(session, user, successor.token, now)?;
                self.changes.apply(vec![rotate]).await?;
                Ok(grant)
            }
            RefreshDecision::Repeat => {
                let successor = self.opener.refresh_tokens.successor(genuine);
                // Another server key derives another successor than the one that is stored.
                if successor.digest != session.token {
                    return Err(RotateRefreshTokenError::Invalid);
                }
                Ok(self.opener.grant(session, user, successor.token, now)?)
            }
            RefreshDecision::Reused => {
                self.end_for_reuse(&session, &user, context, now).await?;
                Err(RotateRefreshTokenError::Reused)
            }
            RefreshDecision::Refuse(refusal) => Err(match refusal {
                RefreshRefusal::Ended => RotateRefreshTokenError::Revoked,
                RefreshRefusal::Expired => RotateRefreshTokenError::Expired,
                RefreshRefusal::OtherDevice => RotateRefreshTokenError::Invalid,
            }),
        }
    }

    async fn end_for_reuse(
        &self,
        session: &Session,
        user: &User,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<(), PortError> {
        let device = session
            .user_agent
            .as_ref()
            .map_or_else(|| "an app".to_owned(), UserAgent::rough_name);
        let draft = MailDraft::new(MailTemplate::SessionEndedForReuse, &user.email)
            .with("device", device)
            .with("happened_at", readable_time(now))
            .with("requested_from", context.describe_client());
        let audit = AuditWriter::new(&*self.opener.secrets, context, now);
        let event = audit
            .about_user(AuditEventType::TokenReused, Some(user.id))
            .in_session(session.id);
        let end = SessionChange::End {
            id: session.id,
            at: now,
            reason: SessionEnd::TokenReused,
        };
        let changes = vec![
            Change::Session(end),
            Change::Audit(event),
            self.mails.enqueue(draft, now)?,
        ];
        self.changes.apply(changes).await
    }
}
