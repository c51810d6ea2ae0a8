//! The key ring in use.

use crate::keys::key_ring::KeyRing;
use std::sync::{Arc, PoisonError, RwLock};

/// The key ring in use, exchanged as a whole while tokens are signed and verified.
#[derive(Debug)]
pub struct SharedKeyRing(RwLock<Arc<KeyRing>>);

impl SharedKeyRing {
    /// Begins with `ring`.
    #[must_use]
    pub fn new(ring: KeyRing) -> Self {
        Self(RwLock::new(Arc::new(ring)))
    }

    /// The ring as it is now.
    #[must_use]
    pub fn load(&self) -> Arc<KeyRing> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on `ring`.
    pub fn replace(&self, ring: KeyRing) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }
}
