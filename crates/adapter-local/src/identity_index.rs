//! Which remembered identities belong to a session or a user.

use gatewright_application::ports::remembered_identities::Epoch;
use gatewright_application::session::identity::Identity;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

/// The digest of a token.
pub(crate) type TokenDigest = [u8; 32];

/// An identity in the cache, and whether it may still be told.
pub(crate) struct Remembered {
    pub(crate) digest: TokenDigest,
    pub(crate) identity: Arc<Identity>,
    forgotten: AtomicBool,
}

impl Remembered {
    pub(crate) fn new(digest: TokenDigest, identity: Arc<Identity>) -> Self {
        Self {
            digest,
            identity,
            forgotten: AtomicBool::new(false),
        }
    }

    pub(crate) fn is_forgotten(&self) -> bool {
        self.forgotten.load(Ordering::Acquire)
    }

    fn forget(&self) {
        self.forgotten.store(true, Ordering::Release);
    }
}

/// Finds what to forget. It holds on to nothing: the cache alone decides how long an identity is kept, and what it has
/// dropped is swept out of here whenever as much was added as was left by the sweep before.
pub(crate) struct IdentityIndex {
    epoch: u64,
    by_session: HashMap<SessionId, Vec<Weak<Remembered>>>,
    by_user: HashMap<UserId, HashSet<SessionId>>,
    added_since_sweep: usize,
    left_by_sweep: usize,
}

/// Fewest additions between two sweeps.
const SWEEP_AFTER: usize = 1024;

impl IdentityIndex {
    pub(crate) fn new() -> Self {
        Self {
            epoch: 0,
            by_session: HashMap::new(),
            by_user: HashMap::new(),
            added_since_sweep: 0,
            left_by_sweep: 0,
        }
    }

    pub(crate) fn epoch(&self) -> Epoch {
        Epoch(self.epoch)
    }

    pub(crate) fn add(&mut self, remembered: &Arc<Remembered>) {
        let claims = &remembered.identity.claims;
        self.by_session
            .entry(claims.session_id)
            .or_default()
            .push(Arc::downgrade(remembered));
        self.by_user
            .entry(claims.user_id)
            .or_default()
            .insert(claims.session_id);
        self.added_since_sweep += 1;
        if self.added_since_sweep > SWEEP_AFTER.max(self.left_by_sweep) {
            self.sweep();
        }
    }

    /// Marks all of a session's identities as forgotten, and tells which they are.
    pub(crate) fn forget_session(&mut self, session: SessionId) -> Vec<Arc<Remembered>> {
        self.epoch += 1;
        self.take(session)
    }

    /// The same for all sessions of a user.
    pub(crate) fn forget_user(&mut self, user: UserId) -> Vec<Arc<Remembered>> {
        self.epoch += 1;
        let sessions = self.by_user.remove(&user).unwrap_or_default();
        sessions.into_iter().flat_map(|session| self.take(session)).collect()
    }

    /// The same for everybody.
    pub(crate) fn forget_all(&mut self) -> Vec<Arc<Remembered>> {
        self.epoch += 1;
        self.by_user.clear();
        let sessions: Vec<SessionId> = self.by_session.keys().copied().collect();
        sessions.into_iter().flat_map(|session| self.take(session)).collect()
    }

    fn take(&mut self, session: SessionId) -> Vec<Arc<Remembered>> {
        let entries = self.by_session.remove(&session).unwrap_or_default();
        let alive: Vec<Arc<Remembered>> = entries.iter().filter_map(Weak::upgrade).collect();
        for remembered in &alive {
            remembered.forget();
        }
        alive
    }

    fn sweep(&mut self) {
        self.by_session.retain(|_, entries| {
            entries.retain(|entry| entry.strong_count() > 0);
            !entries.is_empty()
        });
        let by_session = &self.by_session;
        self.by_user.retain(|_, sessions| {
            sessions.retain(|session| by_session.contains_key(session));
            !sessions.is_empty()
        });
        self.left_by_sweep = self.by_session.values().map(Vec::len).sum();
        self.added_since_sweep = 0;
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.by_session.values().map(Vec::len).sum()
    }
}
