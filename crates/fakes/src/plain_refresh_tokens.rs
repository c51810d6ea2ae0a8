//! Refresh tokens without any cryptography.

use crate::toy_digest::{from_hex, to_hex, toy_digest};
use gatewright_application::ports::refresh_tokens::{GenuineRefreshToken, IssuedRefreshToken, RefreshTokens};
use gatewright_domain::session::session::{RefreshTokenDigest, SessionId};
use secrecy::{ExposeSecret, SecretString};
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

/// Tokens of the form `session.secret.tag`, made of a count and a key.
#[derive(Debug)]
pub struct PlainRefreshTokens {
    key: &'static str,
    issued: AtomicU32,
}

impl PlainRefreshTokens {
    /// Tokens under `key`.
    #[must_use]
    pub fn under(key: &'static str) -> Self {
        Self {
            key,
            issued: AtomicU32::new(0),
        }
    }

    fn tag(&self, session: SessionId, secret: &[u8]) -> [u8; 32] {
        toy_digest(&[b"tag", self.key.as_bytes(), session.0.as_bytes(), secret])
    }

    fn issue(&self, session: SessionId, secret: &[u8]) -> IssuedRefreshToken {
        let (secret_hex, tag_hex) = (to_hex(secret), to_hex(&self.tag(session, secret)));
        let token = format!("{}.{secret_hex}.{tag_hex}", session.0.simple());
        IssuedRefreshToken {
            digest: digest_of(&token),
            token: token.into(),
        }
    }
}

impl Default for PlainRefreshTokens {
    fn default() -> Self {
        Self::under("our key")
    }
}

impl RefreshTokens for PlainRefreshTokens {
    fn first(&self, session: SessionId) -> IssuedRefreshToken {
        let count = self.issued.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        self.issue(session, &toy_digest(&[b"first", self.key.as_bytes(), &count]))
    }

    fn read(&self, token: &SecretString) -> Option<GenuineRefreshToken> {
        let text = token.expose_secret();
        let mut fields = text.split('.');
        let session = SessionId(Uuid::try_parse(fields.next()?).ok()?);
        let secret = from_hex(fields.next()?)?;
        let genuine = self.issue(session, &secret).token.expose_secret() == text;
        genuine.then(|| GenuineRefreshToken {
            session,
            digest: digest_of(text),
            successor_secret: secret.into(),
        })
    }

    fn successor(&self, token: &GenuineRefreshToken) -> IssuedRefreshToken {
        let secret = token.successor_secret.expose_secret();
        let next = toy_digest(&[b"next", self.key.as_bytes(), secret]);
        self.issue(token.session, &next)
    }
}

fn digest_of(token: &str) -> RefreshTokenDigest {
    RefreshTokenDigest(toy_digest(&[b"digest", token.as_bytes()]))
}
