//! Use case: end one of one's own sessions.

use crate::audit::{AuditEventType, AuditWriter};
use crate::ports::change::{Change, Changes, SessionChange};
use crate::ports::clock::Clock;
use crate::ports::error::{Constraint, PortError};
use crate::ports::secrets::Secrets;
use crate::ports::sessions::Sessions;
use crate::request::RequestContext;
use crate::session::identity::Identity;
use gatewright_domain::session::session::{SessionEnd, SessionId};
use std::sync::Arc;
use thiserror::Error;

/// Ends a session of the caller's own, the current one included.
#[derive(Clone)]
pub struct EndSession {
    /// Finds it.
    pub sessions: Arc<dyn Sessions>,
    /// Ends it.
    pub changes: Arc<dyn Changes>,
    /// Draws ids.
    pub secrets: Arc<dyn Secrets>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Why it was not ended.
#[derive(Debug, Error)]
pub enum EndSessionError {
    /// No live session of the caller's has that id; whether somebody else's has is not told.
    #[error("there is no such session")]
    NotFound,
    /// Something else failed.
    #[error(transparent)]
    Unexpected(#[from] PortError),
}

impl EndSession {
    /// Ends the session `id`.
    ///
    /// # Errors
    /// See [`EndSessionError`].
    pub async fn execute(
        &self,
        identity: &Identity,
        id: SessionId,
        context: &RequestContext,
    ) -> Result<(), EndSessionError> {
        let now = self.clock.now();
        let found = self.sessions.find_with_user(id).await?;
        let own = found.filter(|(session, user)| user.id == identity.user.id && session.is_live(now));
        let (session, user) = own.ok_or(EndSessionError::NotFound)?;
        let audit = AuditWriter::new(&*self.secrets, context, now);
        let reason = SessionEnd::EndedByUser;
        let event = audit
            .by_user(AuditEventType::SessionEnded, user.id)
            .in_session(session.id)
            .because(reason.as_str());
        let end = SessionChange::End {
            id: session.id,
            at: now,
            reason,
        };
        match self
            .changes
            .apply(vec![Change::Session(end), Change::Audit(event)])
            .await
        {
            Ok(()) => Ok(()),
            Err(PortError::Conflict(Constraint::SessionUnchanged)) => Err(EndSessionError::NotFound),
            Err(error) => Err(error.into()),
        }
    }
}
