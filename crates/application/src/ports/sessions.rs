//! Looking up sessions.

use crate::ports::error::PortError;
use async_trait::async_trait;
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::session::session::{Session, SessionId};

/// Reads sessions.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// A session, ended or not, and its user as both are now. MUST be one consistent read: the hot path of
    /// every refresh and of every first use of an access token.
    async fn find_with_user(&self, id: SessionId) -> Result<Option<(Session, User)>, PortError>;

    /// A user's sessions that are live at `now`, most recently seen first.
    async fn live_of_user(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, PortError>;
}
