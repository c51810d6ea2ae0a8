//! Use case: list one's own sessions.

use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::sessions::Sessions;
use crate::session::identity::Identity;
use gatewright_domain::session::session::Session;
use std::sync::Arc;

/// Lists the caller's live sessions, most recently seen first.
#[derive(Clone)]
pub struct ListSessions {
    /// Reads them.
    pub sessions: Arc<dyn Sessions>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl ListSessions {
    /// Lists them.
    ///
    /// # Errors
    /// [`PortError`] where they cannot be read.
    pub async fn execute(&self, identity: &Identity) -> Result<Vec<Session>, PortError> {
        self.sessions.live_of_user(identity.user.id, self.clock.now()).await
    }
}
