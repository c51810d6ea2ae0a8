//! Signatures that let a recipient know the domain a mail comes from (DKIM, RFC 6376).

mod canonical;

use crate::dkim::canonical::{body_hash, parts_of, signing_input};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use thiserror::Error;

/// What is signed. The first three stand twice in the signature: a second `From`, `To` or `Subject` added on the way
/// would break it (RFC 6376 §8.15).
const SIGNED: [&str; 11] = [
    "From",
    "From",
    "To",
    "To",
    "Subject",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Auto-Submitted",
];
/// Characters of a signature on one line.
const LINE: usize = 72;

/// Signs messages: relaxed/relaxed, with RSA-SHA256 or Ed25519-SHA256 (RFC 8463) as the key decides. Many recipients
/// still verify RSA alone.
///
/// A signature counts for DMARC where its domain is the sender's or a parent of it.
pub struct DkimSigner {
    domain: String,
    selector: String,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

/// Why there is nothing to sign with. No message repeats the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DkimError {
    /// Not a domain name in ASCII.
    #[error("the DKIM domain is not a domain name in ASCII")]
    Domain,
    /// Not a DNS name of letters, digits, hyphens and dots.
    #[error("the DKIM selector holds letters, digits, hyphens and dots only")]
    Selector,
    /// Not a private key in PEM.
    #[error("the DKIM key is no private key in PEM")]
    Pem,
    /// Neither RSA with 2048 to 8192 bits nor Ed25519.
    #[error("the DKIM key is neither RSA of 2048 bits or more nor Ed25519")]
    Key,
}

impl DkimSigner {
    /// A signer in the name of `domain`, whose public key is at `<selector>._domainkey.<domain>`. The private key is in
    /// PEM: PKCS#8 or, for RSA, PKCS#1.
    ///
    /// # Errors
    /// See [`DkimError`].
    pub fn new(domain: &str, selector: &str, private_key: &SecretString) -> Result<Self, DkimError> {
        if !is_dns_name(domain) || !domain.contains('.') {
            return Err(DkimError::Domain);
        }
        if !is_dns_name(selector) {
            return Err(DkimError::Selector);
        }
        let der = PrivateKeyDer::from_pem_slice(private_key.expose_secret().as_bytes()).map_err(|_| DkimError::Pem)?;
        Ok(Self {
            domain: domain.to_ascii_lowercase(),
            selector: selector.to_owned(),
            key: Key::of(&der)?,
        })
    }

    /// Puts the signature before the message.
    pub(crate) fn sign(&self, message: &mut Vec<u8>) -> Result<(), Unspecified> {
        let (headers, body) = parts_of(message);
        let unsigned = format!(
            "DKIM-Signature: v=1; a={}; c=relaxed/relaxed; d={};\r\n\ts={};\r\n\th={};\r\n\tbh={};\r\n\tb=",
            self.key.algorithm(),
            self.domain,
            self.selector,
            SIGNED.join(":"),
            STANDARD.encode(body_hash(body)),
        );
        let input = signing_input(&headers, &SIGNED, unsigned.as_bytes());
        let signature = STANDARD.encode(self.key.sign(&input)?);
        let mut signed = unsigned.into_bytes();
        for line in signature.as_bytes().chunks(LINE) {
            signed.extend_from_slice(b"\r\n\t");
            signed.extend_from_slice(line);
        }
        signed.extend_from_slice(b"\r\n");
        signed.append(message);
        *message = signed;
        Ok(())
    }
}

impl Key {
    fn of(der: &PrivateKeyDer<'_>) -> Result<Self, DkimError> {
        let rsa = match der {
            PrivateKeyDer::Pkcs8(der) => {
                // OpenSSL writes Ed25519 keys without their public half.
                if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der()) {
                    return Ok(Self::Ed25519(pair));
                }
                RsaKeyPair::from_pkcs8(der.secret_pkcs8_der())
            }
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(DkimError::Key),
        };
        rsa.map(|pair| Self::Rsa(Box::new(pair))).map_err(|_| DkimError::Key)
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input, &mut signature)?;
                Ok(signature)
            }
            // Ed25519 signs the digest, and not what was digested (RFC 8463 §3).
            Self::Ed25519(pair) => Ok(pair.sign(digest(&SHA256, input).as_ref()).as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for DkimSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DkimSigner")
            .field("domain", &self.domain)
            .field("selector", &self.selector)
            .field("algorithm", &self.key.algorithm())
            .finish_non_exhaustive()
    }
}

fn is_dns_name(name: &str) -> bool {
    name.split('.').all(|label| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    })
}

#[cfg(test)]
mod tests;
