//! A session: one device signed in to one account.

use crate::account::user::UserId;
use crate::session::client::{DeviceId, UserAgent};
use crate::{Duration, Timestamp};
use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Identifies a session. It is no secret: it stands in access tokens and lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub Uuid);

/// The digest of a refresh token; the token itself is never stored.
#[derive(Clone, Copy)]
pub struct RefreshTokenDigest(pub [u8; 32]);

impl PartialEq for RefreshTokenDigest {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for RefreshTokenDigest {}

impl fmt::Debug for RefreshTokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshTokenDigest(…)")
    }
}

/// By what means somebody proved who they are, in the words of RFC 8176.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AuthenticationMethod {
    /// `pwd`: a password.
    Password,
    /// `otp`: a one-time password, or the proof of an address at registration.
    OneTimeCode,
}

impl AuthenticationMethod {
    /// The `amr` value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::OneTimeCode => "otp",
        }
    }

    /// The method of that `amr` value.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Password, Self::OneTimeCode]
            .into_iter()
            .find(|method| method.as_str() == word)
    }
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionEnd {
    /// Its owner signed out.
    SignedOut,
    /// Its owner ended it from another session.
    EndedByUser,
    /// The password was changed.
    PasswordChanged,
    /// The password was reset.
    PasswordReset,
    /// The account's address was changed.
    EmailChanged,
    /// A spent refresh token came back: it was stolen.
    TokenReused,
}

impl SessionEnd {
    /// A stable word for storage and the audit trail.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::EndedByUser => "ended_by_user",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::EmailChanged => "email_changed",
            Self::TokenReused => "token_reused",
        }
    }

    /// The reason of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::SignedOut,
            Self::EndedByUser,
            Self::PasswordChanged,
            Self::PasswordReset,
            Self::EmailChanged,
            Self::TokenReused,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == word)
    }
}

/// The refresh token before the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpentToken {
    /// Its digest.
    pub digest: RefreshTokenDigest,
    /// When it was exchanged for the current one.
    pub spent_at: Timestamp,
}

/// One device signed in to one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its identity, in access tokens as `sid`.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The device that signed in.
    pub device: DeviceId,
    /// The address last seen.
    pub address: Option<IpAddr>,
    /// The user agent last seen.
    pub user_agent: Option<UserAgent>,
    /// How the user proved who they are.
    pub methods: BTreeSet<AuthenticationMethod>,
    /// When they did.
    pub authenticated_at: Timestamp,
    /// When the session began.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_seen_at: Timestamp,
    /// First moment at which it is over for lack of use.
    pub idle_expires_at: Timestamp,
    /// First moment at which it is over in any case.
    pub expires_at: Timestamp,
    /// How often the refresh token was rotated; a write that expects another number is refused.
    pub generation: i64,
    /// The current refresh token.
    pub token: RefreshTokenDigest,
    /// The one before it.
    pub previous_token: Option<SpentToken>,
    /// When and why it ended, if it did.
    pub ended: Option<(Timestamp, SessionEnd)>,
}

/// How long sessions and tokens live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    /// Life of an access token.
    pub access_token_ttl: Duration,
    /// A session not refreshed for this long is over.
    pub idle_ttl: Duration,
    /// A session is over after this long in any case (ASVS 7.3.2).
    pub absolute_ttl: Duration,
    /// How long the direct predecessor of a refresh token may come back from the same device.
    pub reuse_grace: Duration,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            access_token_ttl: Duration::minutes(15),
            idle_ttl: Duration::days(7),
            absolute_ttl: Duration::days(30),
            reuse_grace: Duration::seconds(10),
        }
    }
}

impl SessionPolicy {
    /// When a session that began at `created_at` and is used at `now` is over for lack of use.
    #[must_use]
    pub fn idle_expiry(&self, created_at: Timestamp, now: Timestamp) -> Timestamp {
        (now + self.idle_ttl).min(created_at + self.absolute_ttl)
    }
}

impl Session {
    /// Whether the session can still be used at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.idle_expires_at && now < self.expires_at
    }
}
