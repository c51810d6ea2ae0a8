//! Forgetting remembered identities when what they rest on changes.

use crate::ports::change::{Change, Changes, SessionChange, UserChange};
use crate::ports::error::PortError;
use crate::ports::remembered_identities::RememberedIdentities;
use async_trait::async_trait;
use std::sync::Arc;

/// Applies changes and then forgets whoever they concern, before the caller hears of it: the one place that makes
/// sign-out, and every change of a user, act at once on access tokens. All use cases write through it.
pub struct ForgettingChanges {
    /// Applies.
    pub inner: Arc<dyn Changes>,
    /// Forgets.
    pub identities: Arc<dyn RememberedIdentities>,
}

#[async_trait]
impl Changes for ForgettingChanges {
    async fn apply(&self, changes: Vec<Change>) -> Result<(), PortError> {
        let forgotten: Vec<Forgotten> = changes.iter().filter_map(concerned).collect();
        let outcome = self.inner.apply(changes).await;
        // Also after a failure: a time-out may hide a commit.
        for whose in forgotten {
            match whose {
                Forgotten::Session(id) => self.identities.forget_session(id),
                Forgotten::User(id) => self.identities.forget_user(id),
            }
        }
        outcome
    }
}

enum Forgotten {
    Session(gatewright_domain::session::session::SessionId),
    User(gatewright_domain::account::user::UserId),
}

fn concerned(change: &Change) -> Option<Forgotten> {
    match change {
        Change::Session(SessionChange::End { id, .. }) => Some(Forgotten::Session(*id)),
        Change::Session(SessionChange::EndAllOf { user, .. }) => Some(Forgotten::User(*user)),
        Change::User(
            UserChange::SetPassword { id, .. }
            | UserChange::EditProfile { id, .. }
            | UserChange::SetVerifiedEmail { id, .. }
            | UserChange::Delete { id }
            | UserChange::SignedIn { id, .. },
        ) => Some(Forgotten::User(*id)),
        Change::User(UserChange::Insert { .. } | UserChange::Rehash { .. })
        | Change::Session(SessionChange::Insert(_) | SessionChange::Rotate { .. })
        | Change::Registration(_)
        | Change::Challenge(_)
        | Change::Mail(_)
        | Change::Audit(_)
        | Change::ResetCounter(_) => None,
    }
}
