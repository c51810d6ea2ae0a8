//! How costly a password hash is.

use argon2::{KeyId, Params, ParamsBuilder};
use thiserror::Error;

/// Bytes of a hash.
pub(crate) const OUTPUT_BYTES: usize = 32;
/// Most memory a hash may ask for, in KiB; more, be it configured or stored, is a mistake or an attack.
pub(crate) const MAX_MEMORY_KIB: u32 = 256 * 1024;
/// Most passes a hash may ask for.
pub(crate) const MAX_ITERATIONS: u32 = 10;
/// Most lanes a hash may ask for.
pub(crate) const MAX_PARALLELISM: u32 = 16;

/// The cost of argon2id (RFC 9106).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Profile {
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
}

/// Why a profile cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Argon2ProfileError {
    /// Below what OWASP and ASVS 5.0 (appendix C) ask for.
    #[error("the profile is too weak: {iterations} iterations need at least {least_memory_kib} KiB of memory")]
    TooWeak {
        /// The passes asked for.
        iterations: u32,
        /// The memory they need.
        least_memory_kib: u32,
    },
    /// Above what this service is ready to verify.
    #[error("the profile is too costly: at most 262144 KiB of memory, 10 iterations and a parallelism of 16")]
    TooCostly,
    /// None at all.
    #[error("iterations and parallelism begin at 1, and each lane needs 8 KiB")]
    Impossible,
}

impl Default for Argon2Profile {
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            iterations: 2,
            parallelism: 1,
        }
    }
}

impl Argon2Profile {
    /// `memory_kib` KiB of memory, gone over `iterations` times, in `parallelism` lanes.
    ///
    /// # Errors
    /// [`Argon2ProfileError`] for one that is too weak or too costly.
    pub fn new(memory_kib: u32, iterations: u32, parallelism: u32) -> Result<Self, Argon2ProfileError> {
        if memory_kib > MAX_MEMORY_KIB || iterations > MAX_ITERATIONS || parallelism > MAX_PARALLELISM {
            return Err(Argon2ProfileError::TooCostly);
        }
        let least_memory_kib = match iterations {
            0 => return Err(Argon2ProfileError::Impossible),
            1 => 46 * 1024,
            2 => 19 * 1024,
            _ => 12 * 1024,
        };
        if memory_kib < least_memory_kib {
            return Err(Argon2ProfileError::TooWeak {
                iterations,
                least_memory_kib,
            });
        }
        if parallelism == 0 {
            return Err(Argon2ProfileError::Impossible);
        }
        Ok(Self {
            memory_kib,
            iterations,
            parallelism,
        })
    }

    /// The least that argon2id can do: for tests that hash much. It protects no password.
    #[must_use]
    pub fn insecure_for_tests() -> Self {
        Self {
            memory_kib: 8,
            iterations: 1,
            parallelism: 1,
        }
    }

    /// Memory, in KiB.
    #[must_use]
    pub fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    #[must_use]
    pub fn iterations(self) -> u32 {
        self.iterations
    }

    /// Lanes.
    #[must_use]
    pub fn parallelism(self) -> u32 {
        self.parallelism
    }

    /// The same for the library, with the id of a pepper key ([`KeyId::EMPTY`] for none).
    pub(crate) fn params(self, pepper: KeyId) -> Params {
        let mut builder = ParamsBuilder::new();
        builder
            .m_cost(self.memory_kib)
            .t_cost(self.iterations)
            .p_cost(self.parallelism);
        #[expect(clippy::expect_used, reason = "every profile is within the library's bounds")]
        builder
            .output_len(OUTPUT_BYTES)
            .keyid(pepper)
            .build()
            .expect("a profile")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r10_the_default_is_the_owasp_row_of_19_mib_and_two_passes() {
        assert_eq!(Argon2Profile::default(), Argon2Profile::new(19_456, 2, 1).unwrap());
    }

    #[test]
    fn r10_nothing_below_the_owasp_rows_is_taken() {
        for (memory, iterations) in [(46 * 1024, 1), (19 * 1024, 2), (12 * 1024, 3), (12 * 1024, 10)] {
            assert!(Argon2Profile::new(memory, iterations, 1).is_ok());
            let error = Argon2Profile::new(memory - 1, iterations, 1).unwrap_err();
            assert!(
                matches!(error, Argon2ProfileError::TooWeak { least_memory_kib, .. } if least_memory_kib == memory)
            );
        }
    }

    #[test]
    fn nothing_is_hashed_that_would_not_be_verified() {
        assert!(Argon2Profile::new(256 * 1024, 10, 16).is_ok());
        for (memory, iterations, parallelism) in [(256 * 1024 + 1, 2, 1), (19_456, 11, 1), (19_456, 2, 17)] {
            let error = Argon2Profile::new(memory, iterations, parallelism).unwrap_err();
            assert_eq!(error, Argon2ProfileError::TooCostly);
        }
        for (iterations, parallelism) in [(0, 1), (2, 0)] {
            let error = Argon2Profile::new(65_536, iterations, parallelism).unwrap_err();
            assert_eq!(error, Argon2ProfileError::Impossible);
        }
    }
}
