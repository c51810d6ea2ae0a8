//! Remembering verified access tokens.

use crate::session::identity::Identity;
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;
use std::sync::Arc;

/// A point in the history of forgetting; see [`RememberedIdentities::epoch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(pub u64);

/// Remembers who the bearer of an access token was found to be, so that a signature is verified and a session
/// read once and not at every request. Bounded. It MUST never answer for a session or user after
/// `forget_*` has returned, not even from a read that began before: that is what the epoch is for.
pub trait RememberedIdentities: Send + Sync {
    /// The identity remembered for this very token, if it is still good at `now`.
    fn recall(&self, token: &str, now: Timestamp) -> Option<Arc<Identity>>;

    /// The current epoch, to be asked for *before* reading the session.
    fn epoch(&self) -> Epoch;

    /// Remembers `identity` for `token` until the identity's own expiry. MUST do nothing where anything was forgotten
    /// since `epoch`.
    fn remember(&self, token: &str, identity: Arc<Identity>, epoch: Epoch);

    /// Forgets every token of a session.
    fn forget_session(&self, session: SessionId);

    /// Forgets every token of a user.
    fn forget_user(&self, user: UserId);

    /// Forgets every token: for when it is not known what should have been forgotten.
    fn forget_all(&self);
}
