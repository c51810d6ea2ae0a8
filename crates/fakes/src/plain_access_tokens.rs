//! Access tokens that are looked up, not verified.

use gatewright_application::ports::access_tokens::{AccessTokenFault, AccessTokens, PublishedKey};
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::access::claims::AccessClaims;
use secrecy::SecretString;
use std::sync::{Mutex, PoisonError};

/// Remembers every token it issued; the token is `access-` and its place in the list.
#[derive(Debug, Default)]
pub struct PlainAccessTokens {
    issued: Mutex<Vec<AccessClaims>>,
}

impl AccessTokens for PlainAccessTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<SecretString, PortError> {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.push(claims.clone());
        Ok(format!("access-{}-{}", issued.len() - 1, claims.token_id).into())
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, AccessTokenFault> {
        let (place, id) = token
            .strip_prefix("access-")
            .and_then(|rest| rest.split_once('-'))
            .ok_or(AccessTokenFault::Invalid)?;
        let place: usize = place.parse().map_err(|_| AccessTokenFault::Invalid)?;
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let claims = issued.get(place).ok_or(AccessTokenFault::Invalid)?;
        if id != claims.token_id.to_string() || now < claims.issued_at {
            Err(AccessTokenFault::Invalid)
        } else if now >= claims.expires_at {
            Err(AccessTokenFault::Expired)
        } else {
            Ok(claims.clone())
        }
    }

    fn published_keys(&self) -> Vec<PublishedKey> {
        vec![PublishedKey {
            id: "our-key".into(),
            paserk: "k4.public.none".into(),
        }]
    }
}
