//! Everything that needs cryptography, randomness or the clock: password hashing, access and refresh tokens, digests,
//! sealed mail, the signing keys and the service's secret.
//!
//! The crate imports `gatewright-application` and `gatewright-domain` of the workspace, whose ports it implements, and
//! the libraries of its role (`argon2`, `pasetors`, `hmac`, `sha2`, `getrandom`). It designs no cryptography of its
//! own: it chooses, keys and compares.
//!
//! Start reading at [`PasetoAccessTokens`] for tokens, at [`KeyRing`] for the keys behind them, and at
//! [`Argon2PasswordHasher`] for passwords.

mod access_tokens;
#[cfg(test)]
mod hex;
mod hmac_refresh_tokens;
mod keyed_digests;
mod keys;
#[cfg(test)]
mod official_vectors;
mod os_random;
mod os_secrets;
mod paseto_mail_sealer;
mod password_hashing;
mod rfc3339;
mod system_clock;

pub use access_tokens::paseto_access_tokens::{MAX_ACCESS_TOKEN_BYTES, PasetoAccessTokens};
pub use hmac_refresh_tokens::HmacRefreshTokens;
pub use keyed_digests::KeyedDigests;
pub use keys::key_lifetime::KeyLifetime;
pub use keys::key_ring::{KeyRing, KeyRingError, KeyState};
pub use keys::key_ring_file::{KeyRingFile, KeyRingFileError};
pub use keys::key_rotation::{ImmutableKeys, KeyFileRotation};
pub use keys::secret_key::{MIN_SECRET_KEY_BYTES, SecretKey, SecretKeyError, SecretKeys};
pub use keys::secret_key_file::{SecretKeyFileError, load_or_create_secret_key};
pub use keys::shared_key_ring::SharedKeyRing;
pub use keys::signing_key::{SigningKey, SigningKeyError};
pub use os_secrets::OsSecrets;
pub use paseto_mail_sealer::PasetoMailSealer;
pub use password_hashing::argon2_password_hasher::{Argon2PasswordHasher, HashSettings};
pub use password_hashing::argon2_profile::{Argon2Profile, Argon2ProfileError};
pub use password_hashing::hash_queue::HashPoolLoad;
pub use password_hashing::peppers::Peppers;
pub use system_clock::SystemClock;
