//! Digests without any cryptography.

use crate::toy_digest::toy_digest;
use gatewright_application::ports::digests::Digests;
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::account::challenge::{ChallengePurpose, CodeDigest, FlowId, LinkDigest};
use secrecy::{ExposeSecret, SecretString};

/// Digests that differ wherever real ones do.
#[derive(Debug, Clone, Copy)]
pub struct PlainDigests {
    key: &'static str,
}

impl PlainDigests {
    /// Digests under `key`.
    #[must_use]
    pub fn under(key: &'static str) -> Self {
        Self { key }
    }
}

impl Default for PlainDigests {
    fn default() -> Self {
        Self::under("our key")
    }
}

impl Digests for PlainDigests {
    fn code(&self, flow: FlowId, purpose: ChallengePurpose, code: &SecretString) -> CodeDigest {
        let (flow, purpose) = (flow.0.as_bytes(), purpose.as_str().as_bytes());
        let code = code.expose_secret().as_bytes();
        CodeDigest(toy_digest(&[b"code", self.key.as_bytes(), flow, purpose, code]))
    }

    fn link(&self, purpose: ChallengePurpose, token: &SecretString) -> LinkDigest {
        let token = token.expose_secret().as_bytes();
        LinkDigest(toy_digest(&[b"link", purpose.as_str().as_bytes(), token]))
    }

    fn counter(&self, kind: &'static str, name: &str) -> CounterKey {
        let (key, kind, name) = (self.key.as_bytes(), kind.as_bytes(), name.as_bytes());
        CounterKey(toy_digest(&[b"counter", key, kind, name]))
    }
}
