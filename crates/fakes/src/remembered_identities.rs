//! A short list of remembered access tokens.

use gatewright_application::ports::remembered_identities::{Epoch, RememberedIdentities};
use gatewright_application::session::identity::Identity;
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Remembers the newest few tokens.
#[derive(Debug)]
pub struct ListedIdentities {
    bound: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    epoch: u64,
    remembered: VecDeque<(String, Arc<Identity>)>,
}

impl ListedIdentities {
    /// Remembers at most `bound` tokens.
    #[must_use]
    pub fn at_most(bound: usize) -> Self {
        Self {
            bound,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, is_meant: impl Fn(&Identity) -> bool) {
        let mut state = self.state();
        state.epoch += 1;
        state.remembered.retain(|(_, identity)| !is_meant(identity));
    }
}

impl Default for ListedIdentities {
    fn default() -> Self {
        Self::at_most(100)
    }
}

impl RememberedIdentities for ListedIdentities {
    fn recall(&self, token: &str, now: Timestamp) -> Option<Arc<Identity>> {
        let state = self.state();
        let (_, identity) = state.remembered.iter().find(|(known, _)| known == token)?;
        (now < identity.good_until).then(|| Arc::clone(identity))
    }

    fn epoch(&self) -> Epoch {
        Epoch(self.state().epoch)
    }

    fn remember(&self, token: &str, identity: Arc<Identity>, epoch: Epoch) {
        let mut state = self.state();
        if Epoch(state.epoch) != epoch {
            return;
        }
        state.remembered.retain(|(known, _)| known != token);
        state.remembered.push_back((token.to_owned(), identity));
        if state.remembered.len() > self.bound {
            state.remembered.pop_front();
        }
    }

    fn forget_session(&self, session: SessionId) {
        self.forget(|identity| identity.claims.session_id == session);
    }

    fn forget_user(&self, user: UserId) {
        self.forget(|identity| identity.claims.user_id == user);
    }

    fn forget_all(&self) {
        self.forget(|_| true);
    }
}
