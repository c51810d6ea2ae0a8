//! Remembered identities, in this process's memory.

use crate::identity_index::{IdentityIndex, Remembered, TokenDigest};
use gatewright_application::ports::remembered_identities::{Epoch, RememberedIdentities};
use gatewright_application::session::identity::Identity;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;
use gatewright_domain::{Duration, Timestamp};
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What an identity takes besides the user's settings, roughly: itself, its strings and sets, and its places in the
/// cache and the index.
const BYTES_WITHOUT_SETTINGS: usize = 2048;

/// Remembers identities by the SHA-256 of their token, so that no token stands in memory. A look-up takes no lock.
///
/// Nothing is told after `forget_*` has returned, for these reasons:
/// - `remember` and `forget_*` follow one another, under one mutex. A `forget_*` advances the epoch, so a `remember` with
///   an older one does nothing, whenever it comes.
/// - What was remembered before stands in the index for as long as the cache may tell it, since the index is written
///   first and loses only what the cache has dropped. So `forget_*` finds it, and marks it as forgotten.
/// - `recall` looks at the mark. Whatever the cache still holds or a reader has just found in it, a marked identity is
///   not told; that the cache drops it too only gives the memory back.
pub struct MokaRememberedIdentities {
    cache: Cache<TokenDigest, Arc<Remembered>>,
    index: Mutex<IdentityIndex>,
}

impl MokaRememberedIdentities {
    /// A memory of about `max_bytes`, from which an identity is dropped after `longest_life`, the life of an access
    /// token: otherwise dead tokens that were once used a lot would keep the living ones out.
    #[must_use]
    pub fn new(max_bytes: u64, longest_life: Duration) -> Self {
        let cache = Cache::builder()
            .max_capacity(max_bytes)
            .weigher(|_, remembered: &Arc<Remembered>| bytes_of(&remembered.identity))
            .time_to_live(longest_life.unsigned_abs())
            .build();
        Self {
            cache,
            index: Mutex::new(IdentityIndex::new()),
        }
    }

    fn index(&self) -> MutexGuard<'_, IdentityIndex> {
        // Nothing that is done under this lock can panic half way.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn drop_all(&self, forgotten: &[Arc<Remembered>]) {
        for remembered in forgotten {
            self.cache.invalidate(&remembered.digest);
        }
    }
}

impl RememberedIdentities for MokaRememberedIdentities {
    fn recall(&self, token: &str, now: Timestamp) -> Option<Arc<Identity>> {
        let remembered = self.cache.get(&digest_of(token))?;
        let is_good = !remembered.is_forgotten() && now < remembered.identity.good_until;
        is_good.then(|| Arc::clone(&remembered.identity))
    }

    fn epoch(&self) -> Epoch {
        self.index().epoch()
    }

    fn remember(&self, token: &str, identity: Arc<Identity>, epoch: Epoch) {
        let digest = digest_of(token);
        let remembered = Arc::new(Remembered::new(digest, identity));
        let mut index = self.index();
        if index.epoch() == epoch {
            index.add(&remembered);
            self.cache.insert(digest, remembered);
        }
    }

    fn forget_session(&self, session: SessionId) {
        let mut index = self.index();
        self.drop_all(&index.forget_session(session));
    }

    fn forget_user(&self, user: UserId) {
        let mut index = self.index();
        self.drop_all(&index.forget_user(user));
    }

    fn forget_all(&self) {
        let mut index = self.index();
        self.drop_all(&index.forget_all());
    }
}

fn digest_of(token: &str) -> TokenDigest {
    Sha256::digest(token).into()
}

fn bytes_of(identity: &Identity) -> u32 {
    let bytes = BYTES_WITHOUT_SETTINGS + identity.user.settings.as_json().len();
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
