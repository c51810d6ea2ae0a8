//! A password hasher that keeps passwords readable and counts its work.

use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::password_hasher::{PasswordHasher, PasswordMatch};
use gatewright_domain::password::hash::PasswordHash;
use gatewright_domain::password::password::Password;
use std::sync::atomic::{AtomicU32, Ordering};

/// "Hashes" by writing the password down, with its version and a running number for a salt:
/// `$plain$v=1$7$the password`.
#[derive(Debug)]
pub struct PlainPasswordHasher {
    version: u32,
    hashed: AtomicU32,
    verified: AtomicU32,
}

impl PlainPasswordHasher {
    /// A hasher whose hashes are outdated to every hasher of another version.
    #[must_use]
    pub fn of_version(version: u32) -> Self {
        Self {
            version,
            hashed: AtomicU32::new(0),
            verified: AtomicU32::new(0),
        }
    }

    /// How many passwords were hashed.
    #[must_use]
    pub fn hashed(&self) -> u32 {
        self.hashed.load(Ordering::Relaxed)
    }

    /// How many verifications ran, those against no hash included.
    #[must_use]
    pub fn verified(&self) -> u32 {
        self.verified.load(Ordering::Relaxed)
    }
}

impl Default for PlainPasswordHasher {
    fn default() -> Self {
        Self::of_version(1)
    }
}

#[async_trait]
impl PasswordHasher for PlainPasswordHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, PortError> {
        let salt = self.hashed.fetch_add(1, Ordering::Relaxed);
        let (version, text) = (self.version, password.expose());
        Ok(PasswordHash::from_phc(format!("$plain$v={version}${salt}${text}")))
    }

    async fn verify(&self, password: Password, hash: Option<PasswordHash>) -> Result<PasswordMatch, PortError> {
        self.verified.fetch_add(1, Ordering::Relaxed);
        let Some(hash) = hash else {
            return Ok(PasswordMatch::No);
        };
        // The password is the last field: it may hold a `$` itself.
        let mut fields = hash.as_phc().splitn(5, '$').skip(2);
        let (version, stored) = (fields.next(), fields.nth(1));
        if stored != Some(password.expose()) {
            Ok(PasswordMatch::No)
        } else if version == Some(format!("v={}", self.version).as_str()) {
            Ok(PasswordMatch::Yes)
        } else {
            Ok(PasswordMatch::YesButOutdated)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_verification_against_no_hash_counts_like_any_other() {
        let hasher = PlainPasswordHasher::default();
        let password = Password::parse(&"correct horse battery".into()).unwrap();
        let hash = hasher.hash(password.clone()).await.unwrap();
        hasher.verify(password.clone(), Some(hash)).await.unwrap();
        hasher.verify(password, None).await.unwrap();
        assert_eq!((hasher.hashed(), hasher.verified()), (1, 2));
    }
}
