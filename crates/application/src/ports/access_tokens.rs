//! Access tokens.

use crate::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::access::claims::AccessClaims;
use secrecy::SecretString;
use thiserror::Error;

/// A verification key as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedKey {
    /// Its id, as in the tokens.
    pub id: String,
    /// The key: PASERK `k4.public.…`.
    pub paserk: String,
}

/// Why an access token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AccessTokenFault {
    /// Not made by this service for this purpose.
    #[error("the access token is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the access token has expired")]
    Expired,
}

/// Signs and verifies access tokens.
pub trait AccessTokens: Send + Sync {
    /// Signs `claims` with the current key.
    ///
    /// # Errors
    /// [`PortError`] where no usable key is at hand.
    fn issue(&self, claims: &AccessClaims) -> Result<SecretString, PortError>;

    /// Checks signature, key, type, issuer, audience and times, the signature first (ASVS 9.1.1).
    /// MUST refuse every token of another kind, version or purpose.
    ///
    /// # Errors
    /// [`AccessTokenFault`].
    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, AccessTokenFault>;

    /// The keys that verify tokens in circulation, and those about to be used.
    fn published_keys(&self) -> Vec<PublishedKey>;
}
