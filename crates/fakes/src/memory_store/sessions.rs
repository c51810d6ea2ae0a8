//! Sessions.

use super::{MemoryStore, State, expect};
use async_trait::async_trait;
use gatewright_application::ports::change::SessionChange;
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_application::ports::sessions::Sessions;
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::session::session::{Session, SessionEnd, SessionId};
use std::cmp::Reverse;

#[async_trait]
impl Sessions for MemoryStore {
    async fn find_with_user(&self, id: SessionId) -> Result<Option<(Session, User)>, PortError> {
        let state = self.state();
        let session = state.sessions.iter().find(|session| session.id == id).cloned();
        Ok(session.and_then(|session| {
            let account = state.account_where(|user| user.id == session.user_id)?;
            Some((session, account.user))
        }))
    }

    async fn live_of_user(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, PortError> {
        let state = self.state();
        let live = |session: &&Session| session.user_id == user && session.is_live(now);
        let mut sessions: Vec<Session> = state.sessions.iter().filter(live).cloned().collect();
        sessions.sort_by_key(|session| Reverse(session.last_seen_at));
        Ok(sessions)
    }
}

impl State {
    pub(super) fn apply_to_sessions(&mut self, change: SessionChange) -> Result<(), PortError> {
        match change {
            SessionChange::Insert(session) => {
                let owner = self.account_where(|user| user.id == session.user_id);
                expect(owner.is_some(), Constraint::UserExists)?;
                self.sessions.push(session);
            }
            SessionChange::Rotate { to } => self.rotate(to)?,
            SessionChange::End { id, at, reason } => {
                let is_live = |session: &Session| session.id == id && session.ended.is_none();
                expect(self.sessions.iter().any(is_live), Constraint::SessionUnchanged)?;
                self.end_where(is_live, at, reason);
            }
            SessionChange::EndAllOf {
                user,
                except,
                at,
                reason,
            } => {
                let is_meant = |session: &Session| session.user_id == user && Some(session.id) != except;
                self.end_where(is_meant, at, reason);
            }
        }
        Ok(())
    }

    fn rotate(&mut self, to: Session) -> Result<(), PortError> {
        let is_meant = |session: &&mut Session| {
            session.id == to.id && session.ended.is_none() && session.generation + 1 == to.generation
        };
        let stored = self.sessions.iter_mut().find(is_meant);
        *stored.ok_or(PortError::Conflict(Constraint::SessionUnchanged))? = to;
        Ok(())
    }

    fn end_where(&mut self, is_meant: impl Fn(&Session) -> bool, at: Timestamp, reason: SessionEnd) {
        let live = self.sessions.iter_mut().filter(|session| session.ended.is_none());
        for session in live.filter(|session| is_meant(session)) {
            session.ended = Some((at, reason));
        }
    }
}
