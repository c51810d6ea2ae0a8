//! Forgetting remembered identities when what they rest on changes.

use crate::ports::change::{Change, Changes, SessionChange, UserChange};
use crate::ports::error::PortError;
use crate::ports::remembered_identities::RememberedIdentities;
use crate::ports::uninterrupted::Uninterrupted;
use async_trait::async_trait;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;
use std::sync::Arc;

/// Applies changes and then forgets whoever they concern, before the caller hears of it: the one place that makes
/// sign-out, and every change of a user, act at once on access tokens. All use cases write through it. Both happen
/// also when the caller goes away in between: a committed sign-out that nobody forgot would go on being accepted.
pub struct ForgettingChanges {
    /// Applies.
    pub inner: Arc<dyn Changes>,
    /// Forgets.
    pub identities: Arc<dyn RememberedIdentities>,
    /// Sees both through.
    pub uninterrupted: Arc<dyn Uninterrupted>,
}

#[async_trait]
impl Changes for ForgettingChanges {
    async fn apply(&self, changes: Vec<Change>) -> Result<(), PortError> {
        let forgotten: Vec<Forgotten> = changes.iter().filter_map(concerned).collect();
        if forgotten.is_empty() {
            return self.inner.apply(changes).await;
        }
        let (inner, identities) = (Arc::clone(&self.inner), Arc::clone(&self.identities));
        let apply_and_forget = async move {
            let outcome = inner.apply(changes).await;
            // Also after a failure: forgetting too much costs a read, too little an intruder.
            for whose in forgotten {
                match whose {
                    Forgotten::Session(id) => identities.forget_session(id),
                    Forgotten::User(id) => identities.forget_user(id),
                }
            }
            outcome
        };
        self.uninterrupted.run(Box::pin(apply_and_forget)).await
    }
}

enum Forgotten {
    Session(SessionId),
    User(UserId),
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
        Change::User(UserChange::Insert { .. } | UserChange::Rehash { .. } | UserChange::ExpectPassword { .. })
        | Change::Session(SessionChange::Insert(_) | SessionChange::Rotate { .. })
        | Change::Registration(_)
        | Change::Challenge(_)
        | Change::Mail(_)
        | Change::Audit(_)
        | Change::ResetCounter(_) => None,
    }
}
