//! What is done to a password.

use crate::os_random::random_bytes;
use crate::password_hashing::argon2_profile::{Argon2Profile, OUTPUT_BYTES};
use crate::password_hashing::hash_memory::HashMemory;
use crate::password_hashing::peppers::Peppers;
use crate::password_hashing::stored_hash::{SALT_BYTES, StoredHash, StoredHashFault, phc_string};
use argon2::{Algorithm, Argon2, KeyId, Params, Version};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::password_hasher::PasswordMatch;
use gatewright_domain::password::hash::PasswordHash;
use gatewright_domain::password::password::Password;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// argon2id at some cost, with or without a pepper on top.
pub(crate) struct HashRecipe {
    params: Params,
    peppers: Peppers,
}

impl HashRecipe {
    pub(crate) fn new(profile: Argon2Profile, peppers: Peppers) -> Self {
        let pepper = peppers.current().map_or(KeyId::EMPTY, |pepper| pepper.id);
        Self {
            params: profile.params(pepper),
            peppers,
        }
    }

    pub(crate) fn hash(&self, password: &Password, memory: &mut HashMemory) -> Result<PasswordHash, PortError> {
        let salt = random_bytes::<SALT_BYTES>();
        let output = self.output(&self.params, password, &salt, memory)?;
        phc_string(&self.params, &salt, &output).ok_or_else(|| failed("the hash cannot be written"))
    }

    pub(crate) fn compare(
        &self,
        password: &Password,
        stored: &StoredHash,
        memory: &mut HashMemory,
    ) -> Result<PasswordMatch, PortError> {
        let output = self.output(&stored.params, password, &stored.salt, memory)?;
        let same = bool::from(output.ct_eq(&stored.output)) && stored.genuine;
        Ok(match (same, stored.params == self.params) {
            (false, _) => PasswordMatch::No,
            (true, true) => PasswordMatch::Yes,
            (true, false) => PasswordMatch::YesButOutdated,
        })
    }

    fn output(
        &self,
        params: &Params,
        password: &Password,
        salt: &[u8],
        memory: &mut HashMemory,
    ) -> Result<Zeroizing<Vec<u8>>, PortError> {
        let mut output = Zeroizing::new(vec![0; params.output_len().unwrap_or(OUTPUT_BYTES)]);
        let blocks = memory.at_least(params.block_count());
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_into_with_memory(password.expose().as_bytes(), salt, &mut output, blocks)
            .map_err(|error| failed(&error.to_string()))?;
        Ok(match self.peppers.find(params.keyid()) {
            Some(pepper) => Zeroizing::new(pepper.key.mac(&[&output]).to_vec()),
            None => output,
        })
    }

    /// What the password is compared with. Without a hash, and with one that nothing can match, it is a decoy
    /// that takes the same work as a current one.
    pub(crate) fn stored_or_decoy(&self, hash: Option<&PasswordHash>) -> StoredHash {
        let Some(hash) = hash else {
            return StoredHash::decoy(&self.params);
        };
        self.readable(hash).unwrap_or_else(|fault| {
            tracing::warn!(%fault, "a stored password hash matches no password");
            StoredHash::decoy(&self.params)
        })
    }

    fn readable(&self, hash: &PasswordHash) -> Result<StoredHash, StoredHashFault> {
        let stored = StoredHash::parse(hash)?;
        let pepper = stored.params.keyid();
        if pepper.is_empty() || self.peppers.find(pepper).is_some() {
            Ok(stored)
        } else {
            Err(StoredHashFault::UnknownPepper)
        }
    }
}

fn failed(reason: &str) -> PortError {
    PortError::Unavailable {
        dependency: "password hashing",
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::secret_key::SecretKey;

    #[test]
    fn a01_a_missing_hash_costs_what_a_current_one_costs() {
        let recipe = HashRecipe::new(
            Argon2Profile::default(),
            Peppers::new(&[SecretKey::parse(&SecretKey::generate()).unwrap()]),
        );
        let decoy = recipe.stored_or_decoy(None);
        assert_eq!(decoy.params, recipe.params);
        assert_eq!((decoy.salt.len(), decoy.output.len()), (SALT_BYTES, OUTPUT_BYTES));
        assert!(!decoy.genuine);
    }

    #[test]
    fn not_even_the_password_of_the_decoy_matches_it() {
        let recipe = HashRecipe::new(Argon2Profile::insecure_for_tests(), Peppers::default());
        let (password, mut memory) = (
            Password::parse(&"a long enough password".into()).unwrap(),
            HashMemory::default(),
        );
        let mut decoy = StoredHash::decoy(&recipe.params);
        decoy.output = recipe
            .output(&decoy.params, &password, &decoy.salt, &mut memory)
            .unwrap()
            .to_vec();
        assert_eq!(recipe.compare(&password, &decoy, &mut memory), Ok(PasswordMatch::No));
    }
}
