//! Use case: end every session but the current one.

use crate::audit::{AuditEventType, AuditWriter};
use crate::ports::change::{ChallengeChange, Change, Changes, SessionChange};
use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::secrets::Secrets;
use crate::request::RequestContext;
use crate::session::identity::Identity;
use gatewright_domain::account::challenge::ChallengePurpose;
use gatewright_domain::session::session::SessionEnd;
use std::sync::Arc;

/// Ends all of a user's other sessions (ASVS 7.4.3).
#[derive(Clone)]
pub struct EndOtherSessions {
    /// Ends them.
    pub changes: Arc<dyn Changes>,
    /// Draws ids.
    pub secrets: Arc<dyn Secrets>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl EndOtherSessions {
    /// Ends them.
    ///
    /// # Errors
    /// [`PortError`] where they cannot be ended.
    pub async fn execute(&self, identity: &Identity, context: &RequestContext) -> Result<(), PortError> {
        let now = self.clock.now();
        let (user, current) = (identity.user.id, identity.claims.session_id);
        let end = SessionChange::EndAllOf {
            user,
            except: Some(current),
            at: now,
            reason: SessionEnd::EndedByUser,
        };
        // A change of address that one of those sessions asked for ends with it.
        let purpose = ChallengePurpose::EmailChange;
        let void = Change::Challenge(ChallengeChange::VoidAllOf { user, purpose, at: now });
        let audit = AuditWriter::new(&*self.secrets, context, now);
        let event = audit
            .by_user(AuditEventType::SessionEnded, user)
            .in_session(current)
            .because("all_others");
        self.changes
            .apply(vec![Change::Session(end), void, Change::Audit(event)])
            .await
    }
}
