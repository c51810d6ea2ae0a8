//! What can go wrong behind a port.

use gatewright_domain::Duration;
use thiserror::Error;

/// A failure behind a port. "Not found" is none: look-ups answer `Option`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PortError {
    /// Something a change expected did not hold; nothing of the change happened.
    #[error("conflict: {0:?}")]
    Conflict(Constraint),
    /// The dependency did not answer in time or at all; trying again later may help.
    #[error("{dependency} is unavailable: {reason}")]
    Unavailable {
        /// Its name, as in `/health/ready`.
        dependency: &'static str,
        /// For the log; never for a caller.
        reason: String,
    },
    /// More work is waiting than can be done in time.
    #[error("overloaded, try again in {retry_after}")]
    Overloaded {
        /// When to try again.
        retry_after: Duration,
    },
    /// What is stored cannot be read back.
    #[error("stored {what} cannot be read: {reason}")]
    Corrupt {
        /// What kind of record.
        what: &'static str,
        /// For the log; never for a caller.
        reason: String,
    },
}

/// What a change expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Constraint {
    /// No other user has the address (by its canonical form).
    EmailFree,
    /// No other user has the username (by its canonical form).
    UsernameFree,
    /// The challenge exists and was not consumed.
    ChallengeUnused,
    /// The session exists, is not ended and is of the expected generation.
    SessionUnchanged,
    /// The user exists.
    UserExists,
    /// The user's password is still the one the use case saw.
    PasswordUnchanged,
}
