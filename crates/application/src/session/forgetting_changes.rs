//! Forgetting remembered identities, in every process, when what they rest on changes.

use crate::ports::announcements::{Announcement, Announcements};
use crate::ports::change::{Change, Changes, SessionChange, UserChange};
use crate::ports::error::PortError;
use crate::ports::remembered_identities::RememberedIdentities;
use crate::ports::uninterrupted::Uninterrupted;
use async_trait::async_trait;
use std::sync::Arc;

/// Applies changes, forgets whoever they concern, and has every other process forget them, before the caller hears of it:
/// the one place that makes sign-out, and every change of a user, act at once on access tokens. All use cases write through
/// it. All of it happens also when the caller goes away in between: a committed sign-out that nobody forgot would go on being
/// accepted.
pub struct ForgettingChanges {
    /// Applies.
    pub inner: Arc<dyn Changes>,
    /// Forgets.
    pub identities: Arc<dyn RememberedIdentities>,
    /// Tells the others.
    pub announcements: Arc<dyn Announcements>,
    /// Sees it through.
    pub uninterrupted: Arc<dyn Uninterrupted>,
}

#[async_trait]
impl Changes for ForgettingChanges {
    async fn apply(&self, changes: Vec<Change>) -> Result<(), PortError> {
        let concerned: Vec<Announcement> = changes.iter().filter_map(concerned).collect();
        if concerned.is_empty() {
            return self.inner.apply(changes).await;
        }
        let (inner, identities) = (Arc::clone(&self.inner), Arc::clone(&self.identities));
        let announcements = Arc::clone(&self.announcements);
        let apply_and_forget = async move {
            let outcome = inner.apply(changes).await;
            // Also after a failure: forgetting too much costs a read, too little an intruder.
            forget(&concerned, identities.as_ref());
            if may_have_happened(&outcome) {
                announce(&concerned, announcements.as_ref()).await;
            }
            outcome
        };
        self.uninterrupted.run(Box::pin(apply_and_forget)).await
    }
}

fn forget(concerned: &[Announcement], identities: &dyn RememberedIdentities) {
    for whose in concerned {
        match whose {
            Announcement::SessionChanged(id) => identities.forget_session(*id),
            Announcement::UserChanged(id) => identities.forget_user(*id),
            Announcement::AddressRulesChanged => {}
        }
    }
}

/// A conflict says for certain that nothing was changed; nothing else does.
fn may_have_happened(outcome: &Result<(), PortError>) -> bool {
    !matches!(outcome, Err(PortError::Conflict(_)))
}

/// Does not fail a change that was made: the announcement will be delivered later. Where the server between the processes is
/// gone, they notice by themselves that they hear nothing.
async fn announce(concerned: &[Announcement], announcements: &dyn Announcements) {
    if let Err(error) = announcements.announce(concerned).await {
        tracing::warn!(%error, "other processes hear of a change later");
    }
}

fn concerned(change: &Change) -> Option<Announcement> {
    match change {
        Change::Session(SessionChange::End { id, .. }) => Some(Announcement::SessionChanged(*id)),
        Change::Session(SessionChange::EndAllOf { user, .. }) => Some(Announcement::UserChanged(*user)),
        Change::User(
            UserChange::SetPassword { id, .. }
            | UserChange::EditProfile { id, .. }
            | UserChange::SetVerifiedEmail { id, .. }
            | UserChange::Delete { id }
            | UserChange::SignedIn { id, .. },
        ) => Some(Announcement::UserChanged(*id)),
        Change::User(UserChange::Insert { .. } | UserChange::Rehash { .. } | UserChange::ExpectPassword { .. })
        | Change::Session(SessionChange::Insert(_) | SessionChange::Rotate { .. })
        | Change::Registration(_)
        | Change::Challenge(_)
        | Change::Mail(_)
        | Change::Audit(_)
        | Change::ResetCounter(_) => None,
    }
}
