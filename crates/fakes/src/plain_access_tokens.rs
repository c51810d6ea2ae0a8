//! Access tokens that are looked up, not verified.

use crate::toy_digest::{to_hex, toy_digest};
use gatewright_application::ports::access_tokens::{AccessTokenFault, AccessTokens, PublishedKey};
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use gatewright_domain::access::claims::AccessClaims;
use secrecy::SecretString;
use std::sync::{Mutex, PoisonError};

/// Remembers every token it issued. A token is `access-` and a digest of its place in the list.
#[derive(Debug, Default)]
pub struct PlainAccessTokens {
    issued: Mutex<Vec<(String, AccessClaims)>>,
}

impl AccessTokens for PlainAccessTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<SecretString, PortError> {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let (place, id) = (issued.len().to_be_bytes(), claims.token_id.as_bytes());
        let token = format!("access-{}", to_hex(&toy_digest(&[b"access", &place, id])));
        issued.push((token.clone(), claims.clone()));
        Ok(token.into())
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, AccessTokenFault> {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        let known = issued.iter().find(|(known, _)| known == token);
        let (_, claims) = known.ok_or(AccessTokenFault::Invalid)?;
        if now < claims.issued_at {
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
