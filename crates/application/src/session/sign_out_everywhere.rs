//! Use case: sign out of every session.

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

/// Ends all of a user's sessions, the current one included.
#[derive(Clone)]
pub struct SignOutEverywhere {
    /// Ends them.
    pub changes: Arc<dyn Changes>,
    /// Draws ids.
    pub secrets: Arc<dyn Secrets>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl SignOutEverywhere {
    /// Ends them all.
    ///
    /// # Errors
    /// [`PortError`] where they cannot be ended.
    pub async fn execute(&self, identity: &Identity, context: &RequestContext) -> Result<(), PortError> {
        let now = self.clock.now();
        let user = identity.user.id;
        let end = SessionChange::EndAllOf {
            user,
            except: None,
            at: now,
            reason: SessionEnd::SignedOut,
        };
        // A change of address that one of those sessions asked for ends with it.
        let purpose = ChallengePurpose::EmailChange;
        let void = Change::Challenge(ChallengeChange::VoidAllOf { user, purpose, at: now });
        let audit = AuditWriter::new(&*self.secrets, context, now);
        let event = audit
            .by_user(AuditEventType::SessionEnded, user)
            .because("signed_out_everywhere");
        self.changes
            .apply(vec![Change::Session(end), void, Change::Audit(event)])
            .await
    }
}
