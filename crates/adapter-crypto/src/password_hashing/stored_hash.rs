//! Password hashes as they are stored: PHC strings.

use crate::password_hashing::argon2_profile::{MAX_ITERATIONS, MAX_MEMORY_KIB, MAX_PARALLELISM, OUTPUT_BYTES};
use argon2::password_hash::phc::{self, Output, ParamsString, Salt};
use argon2::{ARGON2ID_IDENT, Params, Version};
use gatewright_domain::password::hash::PasswordHash;
use thiserror::Error;

/// Bytes of a new salt (RFC 9106 §3.1).
pub(crate) const SALT_BYTES: usize = 16;

/// A hash, read.
pub(crate) struct StoredHash {
    pub(crate) params: Params,
    pub(crate) salt: Vec<u8>,
    pub(crate) output: Vec<u8>,
    /// Whether a password can match it at all.
    pub(crate) genuine: bool,
}

/// Why no password matches a stored hash. It shows nothing of the hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum StoredHashFault {
    /// Not a PHC string of argon2id, version 19, with salt and output.
    #[error("it is not an argon2id hash")]
    NotArgon2id,
    /// It asks for more work than can be configured here, so something else wrote it.
    #[error("it asks for more than 256 MiB, 10 iterations or a parallelism of 16")]
    TooCostly,
    /// The pepper key it was made with is not at hand.
    #[error("it was made with a pepper key that is not configured")]
    UnknownPepper,
}

impl StoredHash {
    /// Reads a PHC string.
    pub(crate) fn parse(hash: &PasswordHash) -> Result<Self, StoredHashFault> {
        let phc = phc::PasswordHash::new(hash.as_phc()).map_err(|_| StoredHashFault::NotArgon2id)?;
        if phc.algorithm != ARGON2ID_IDENT || phc.version != Some(Version::V0x13.into()) {
            return Err(StoredHashFault::NotArgon2id);
        }
        let (Some(salt), Some(output)) = (phc.salt, phc.hash) else {
            return Err(StoredHashFault::NotArgon2id);
        };
        let params = Params::try_from(&phc).map_err(|_| StoredHashFault::NotArgon2id)?;
        let (memory, iterations, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
        if memory > MAX_MEMORY_KIB || iterations > MAX_ITERATIONS || lanes > MAX_PARALLELISM {
            return Err(StoredHashFault::TooCostly);
        }
        Ok(Self {
            params,
            salt: salt.to_vec(),
            output: output.as_bytes().to_vec(),
            genuine: true,
        })
    }

    /// Takes the work of a real one and matches nothing: stands in where there is none.
    pub(crate) fn decoy(params: &Params) -> Self {
        Self {
            params: params.clone(),
            salt: vec![0; SALT_BYTES],
            output: vec![0; OUTPUT_BYTES],
            genuine: false,
        }
    }
}

/// A new hash as it is stored; `None` for a salt or an output of a length that PHC strings do not know.
pub(crate) fn phc_string(params: &Params, salt: &[u8], output: &[u8]) -> Option<PasswordHash> {
    let phc = phc::PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(Output::new(output).ok()?),
    };
    Some(PasswordHash::from_phc(phc.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password_hashing::argon2_profile::Argon2Profile;
    use argon2::KeyId;
    use proptest::prelude::*;

    const SALT_AND_OUTPUT: &str = "AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn fault(head: &str) -> Option<StoredHashFault> {
        let phc = PasswordHash::from_phc(format!("{head}${SALT_AND_OUTPUT}"));
        StoredHash::parse(&phc).err()
    }

    #[test]
    fn r10_a_hash_names_algorithm_version_cost_salt_and_pepper() {
        let id = KeyId::new(b"pepper").unwrap();
        let params = Argon2Profile::default().params(id);
        let (salt, output): (Vec<u8>, Vec<u8>) = ((0..16).collect(), (0..32).collect());
        let hash = phc_string(&params, &salt, &output).unwrap();
        let expected = format!("$argon2id$v=19$m=19456,t=2,p=1,keyid=cGVwcGVy${SALT_AND_OUTPUT}");
        assert_eq!(hash.as_phc(), expected);
        let read = StoredHash::parse(&hash).unwrap();
        assert_eq!((read.params, read.salt, read.output), (params, salt, output));
    }

    #[test]
    fn a_hash_beyond_the_ceiling_is_not_computed() {
        assert_eq!(fault("$argon2id$v=19$m=262144,t=10,p=16"), None);
        for head in [
            "m=262145,t=2,p=1",
            "m=19456,t=11,p=1",
            "m=19456,t=2,p=17",
            "m=4294967295,t=4294967295,p=1",
        ] {
            let found = fault(&format!("$argon2id$v=19${head}"));
            assert_eq!(found, Some(StoredHashFault::TooCostly), "{head}");
        }
    }

    #[test]
    fn other_hashes_are_not_taken_for_argon2id() {
        for head in [
            "$argon2i$v=19$m=19456,t=2,p=1",
            "$argon2d$v=19$m=19456,t=2,p=1",
            "$argon2id$v=16$m=19456,t=2,p=1",
            "$argon2id$m=19456,t=2,p=1",
            "$argon2id$v=19$m=19456,t=2,p=1,x=1",
            "$argon2id$v=19$m=7,t=2,p=1",
            "$argon2id$v=19$m=19456,t=0,p=1",
            "$2b$12",
            "",
        ] {
            assert_eq!(fault(head), Some(StoredHashFault::NotArgon2id), "{head}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_no_hash(text in "(\\$argon2id\\$v=19)?\\PC{0,80}|\\PC{0,40}") {
            prop_assert!(StoredHash::parse(&PasswordHash::from_phc(text)).is_err());
        }
    }
}
