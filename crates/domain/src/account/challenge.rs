//! Challenges: proof of an address by a one-time code or a single-use link (ASVS 6.5, 6.6).

use crate::abuse::quota::CounterKey;
use crate::account::email::EmailAddress;
use crate::account::registration::RegistrationId;
use crate::account::user::UserId;
use crate::session::session::SessionId;
use crate::{Duration, Timestamp};
use std::fmt;
use subtle::ConstantTimeEq;
use thiserror::Error;
use uuid::Uuid;

/// Identifies a challenge to the client that asked for it; a code counts only together with it (ASVS 6.6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FlowId(pub Uuid);

/// What a challenge proves; a code or link of one purpose is worthless for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChallengePurpose {
    /// The address of a new account.
    Registration,
    /// A new address of an existing account.
    EmailChange,
    /// That somebody who lost the password reads the account's mail.
    PasswordReset,
}

impl ChallengePurpose {
    /// A stable word for storage and for binding digests to the purpose.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::EmailChange => "email_change",
            Self::PasswordReset => "password_reset",
        }
    }
}

/// The keyed digest of a six-digit code, bound to flow and purpose; the code itself is never stored.
#[derive(Clone, Copy)]
pub struct CodeDigest(pub [u8; 32]);

impl PartialEq for CodeDigest {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for CodeDigest {}

/// The digest of a link token, bound to its purpose; the token itself is never stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkDigest(pub [u8; 32]);

impl fmt::Debug for CodeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeDigest(…)")
    }
}

impl fmt::Debug for LinkDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkDigest(…)")
    }
}

/// Whom and what a challenge is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChallengeSubject {
    /// A decoy: kept so that an address without an account is answered like one with (ASVS 6.3.8).
    Nobody,
    /// A pending registration; `resent` where the flow was asked for by address alone.
    Registration {
        /// The registration to complete.
        id: RegistrationId,
        /// Whether this is a later flow for it.
        resent: bool,
    },
    /// A lost password of this user.
    PasswordReset {
        /// Whose.
        user: UserId,
    },
    /// A new address for this user.
    EmailChange {
        /// Whose.
        user: UserId,
        /// The address to prove.
        new_email: EmailAddress,
        /// The session that asked; it outlives the change.
        session: SessionId,
    },
}

/// One request for proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The flow the asking client holds.
    pub id: FlowId,
    /// What it proves.
    pub purpose: ChallengePurpose,
    /// Whom it is about.
    pub subject: ChallengeSubject,
    /// Counts wrong codes for the address and purpose across all flows (NIST SP 800-63B-4 §3.1.3.2).
    pub failure_counter: CounterKey,
    /// The code's digest; `None` where only a link was sent.
    pub code: Option<CodeDigest>,
    /// The link's digest.
    pub link: LinkDigest,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// First moment at which the code is void.
    pub code_expires_at: Timestamp,
    /// First moment at which the link is void.
    pub link_expires_at: Timestamp,
    /// When it was used, if it was.
    pub consumed_at: Option<Timestamp>,
}

/// Why a link cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LinkFault {
    /// Used before, or voided by a newer one.
    #[error("the link was used before")]
    Spent,
    /// Too old.
    #[error("the link is too old")]
    Expired,
}

impl Challenge {
    /// Whether the link may be followed at `now`.
    ///
    /// # Errors
    /// [`LinkFault`] where it may not.
    pub fn link_usable(&self, now: Timestamp) -> Result<(), LinkFault> {
        if self.consumed_at.is_some() {
            Err(LinkFault::Spent)
        } else if now >= self.link_expires_at {
            Err(LinkFault::Expired)
        } else {
            Ok(())
        }
    }
}

/// How long proofs live and how often codes may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChallengePolicy {
    /// Life of a code; at most 10 minutes (ASVS 6.5.5).
    pub code_ttl: Duration,
    /// Life of a verification link.
    pub verification_link_ttl: Duration,
    /// Life of a password reset link.
    pub reset_link_ttl: Duration,
    /// Tries for one code.
    pub attempts_per_code: u32,
    /// Wrong codes for one address and purpose within [`failure_window`](Self::failure_window), over all its codes.
    pub failures_per_address: u32,
    /// The window of [`failures_per_address`](Self::failures_per_address).
    pub failure_window: Duration,
}

impl Default for ChallengePolicy {
    fn default() -> Self {
        Self {
            code_ttl: Duration::minutes(10),
            verification_link_ttl: Duration::hours(24),
            reset_link_ttl: Duration::minutes(15),
            attempts_per_code: 5,
            failures_per_address: 10,
            failure_window: Duration::hours(24),
        }
    }
}

/// How a lost password is recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordResetMethod {
    /// By a single-use link (the default).
    Link,
    /// By a six-digit code; the mail carries no link.
    Code,
}
