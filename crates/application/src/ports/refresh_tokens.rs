//! Refresh tokens.

use gatewright_domain::session::session::{RefreshTokenDigest, SessionId};
use secrecy::{SecretSlice, SecretString};

/// A refresh token to hand out.
#[derive(Debug)]
pub struct IssuedRefreshToken {
    /// The token.
    pub token: SecretString,
    /// What is stored of it.
    pub digest: RefreshTokenDigest,
}

/// A token that this service made, current or not.
#[derive(Debug)]
pub struct GenuineRefreshToken {
    /// The session it was made for.
    pub session: SessionId,
    /// What is stored of it while it is current.
    pub digest: RefreshTokenDigest,
    /// What its successor is made of, under the key that made this token; it means nothing to anybody else.
    pub successor_secret: SecretSlice<u8>,
}

/// Makes and recognises refresh tokens. They name their session and are authenticated as a whole,
/// so a forged one costs no look-up and cannot end anybody's session, while every genuine one,
/// however old, is recognised without a record of its own.
pub trait RefreshTokens: Send + Sync {
    /// A first token for a session: 256 random bits.
    fn first(&self, session: SessionId) -> IssuedRefreshToken;

    /// Reads a presented token; `None` for whatever this service did not make.
    fn read(&self, token: &SecretString) -> Option<GenuineRefreshToken>;

    /// The token that follows. MUST be the same at every call, and unpredictable without the server's key.
    fn successor(&self, token: &GenuineRefreshToken) -> IssuedRefreshToken;
}
