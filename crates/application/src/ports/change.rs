//! What use cases decide, as values, and the port that makes it so.

use crate::audit::AuditEvent;
use crate::mail::outbox_mail::OutboxMail;
use crate::ports::error::PortError;
use async_trait::async_trait;
use gatewright_domain::Timestamp;
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::account::challenge::{Challenge, ChallengePurpose, FlowId};
use gatewright_domain::account::display_name::DisplayName;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::Registration;
use gatewright_domain::account::settings::UserSettings;
use gatewright_domain::account::user::{User, UserId};
use gatewright_domain::account::username::Username;
use gatewright_domain::password::hash::PasswordHash;
use gatewright_domain::session::session::{Session, SessionEnd, SessionId};

/// One thing to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Of pending registrations.
    Registration(RegistrationChange),
    /// Of challenges.
    Challenge(ChallengeChange),
    /// Of users.
    User(UserChange),
    /// Of sessions.
    Session(SessionChange),
    /// A mail to send.
    Mail(OutboxMail),
    /// Something worth remembering.
    Audit(AuditEvent),
    /// Forget what was counted under this key.
    ResetCounter(CounterKey),
}

/// A change of pending registrations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationChange {
    /// Keep a new one; others for the same address stay.
    Insert(Registration),
    /// The address is proven: drop every registration for it (by its canonical form), and every
    /// registration challenge that belongs to one of them.
    DropAllFor(EmailAddress),
}

/// A change of challenges.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a handful a request; boxes would cost more than the bytes"
)]
pub enum ChallengeChange {
    /// Keep a new one.
    Insert(Challenge),
    /// Use it, once: [`Constraint::ChallengeUnused`](crate::ports::error::Constraint::ChallengeUnused)
    /// where it was used before or does not exist.
    Consume {
        /// Which.
        flow: FlowId,
        /// When.
        at: Timestamp,
    },
    /// Make every unused challenge of this purpose and user worthless. None is no error.
    VoidAllOf {
        /// Whose.
        user: UserId,
        /// Of which purpose.
        purpose: ChallengePurpose,
        /// When.
        at: Timestamp,
    },
}

/// A change of users. Each but `Insert` expects the user to exist
/// ([`Constraint::UserExists`](crate::ports::error::Constraint::UserExists)). What the user sees of the account moves
/// `updated_at` to the time of the change; signing in and rehashing do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserChange {
    /// A new user; expects address and username to be free.
    Insert {
        /// The user.
        user: User,
        /// The hash of the password; `None` for none.
        password: Option<PasswordHash>,
    },
    /// Nothing changes: what was decided rests on the password being the one that was verified
    /// ([`Constraint::PasswordUnchanged`](crate::ports::error::Constraint::PasswordUnchanged) where it is another by now).
    ExpectPassword {
        /// Whose.
        id: UserId,
        /// The hash the password was verified against.
        verified: PasswordHash,
    },
    /// Somebody signed in.
    SignedIn {
        /// Who.
        id: UserId,
        /// The hash the password was verified against;
        /// [`Constraint::PasswordUnchanged`](crate::ports::error::Constraint::PasswordUnchanged) where it is
        /// another by now. `None` where no password was involved.
        verified: Option<PasswordHash>,
        /// When.
        at: Timestamp,
    },
    /// The same password under current parameters: replaces `old` by `new`, and does nothing where the
    /// hash is another by now.
    Rehash {
        /// Whose.
        id: UserId,
        /// The hash that was verified.
        old: PasswordHash,
        /// Its replacement.
        new: PasswordHash,
    },
    /// Another password.
    SetPassword {
        /// Whose.
        id: UserId,
        /// The hash the decision was based on;
        /// [`Constraint::PasswordUnchanged`](crate::ports::error::Constraint::PasswordUnchanged) where it is
        /// another by now. `None` where the decision did not depend on it.
        expected: Option<PasswordHash>,
        /// The new one.
        new: PasswordHash,
        /// When.
        at: Timestamp,
    },
    /// Edits of the profile; expects a new username to be free.
    EditProfile {
        /// Whose.
        id: UserId,
        /// The handle; `Set(None)` takes it away.
        username: Edit<Option<Username>>,
        /// The name to show; `Set(None)` takes it away.
        display_name: Edit<Option<DisplayName>>,
        /// The product's document.
        settings: Edit<UserSettings>,
        /// When.
        at: Timestamp,
    },
    /// The address, proven; expects it to be free. The same address again (by its canonical form) records the
    /// proof alone and keeps the stored spelling.
    SetVerifiedEmail {
        /// Whose.
        id: UserId,
        /// The address.
        email: EmailAddress,
        /// When.
        at: Timestamp,
    },
    /// Remove the user and everything that is theirs: sessions, challenges, roles, and registrations for their address.
    /// The audit trail stays.
    Delete {
        /// Whom.
        id: UserId,
    },
}

/// What becomes of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit<T> {
    /// It stays.
    Keep,
    /// It becomes this.
    Set(T),
}

/// A change of sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionChange {
    /// A new one; expects its user to exist ([`Constraint::UserExists`](crate::ports::error::Constraint::UserExists)).
    Insert(Session),
    /// The session after a rotation: stores token, times and client of `to`; expects the stored session
    /// to be live and one generation behind
    /// ([`Constraint::SessionUnchanged`](crate::ports::error::Constraint::SessionUnchanged)).
    Rotate {
        /// The session as it is to be.
        to: Session,
    },
    /// End one; expects it to exist and not to have ended
    /// ([`Constraint::SessionUnchanged`](crate::ports::error::Constraint::SessionUnchanged)), so that of simultaneous
    /// ends one alone has consequences.
    End {
        /// Which.
        id: SessionId,
        /// When.
        at: Timestamp,
        /// Why.
        reason: SessionEnd,
    },
    /// End all of a user's, but `except`. None is no error.
    EndAllOf {
        /// Whose.
        user: UserId,
        /// The one to keep.
        except: Option<SessionId>,
        /// When.
        at: Timestamp,
        /// Why.
        reason: SessionEnd,
    },
}

/// Makes decisions so.
#[async_trait]
pub trait Changes: Send + Sync {
    /// Applies `changes` in their order: all of them, or none. Once it has answered `Ok` they MUST survive
    /// the loss of power (a durable commit). A caller that goes away while it runs MUST leave either all
    /// or nothing. An expectation that does not hold MUST come back as the
    /// [`PortError::Conflict`] that names it.
    async fn apply(&self, changes: Vec<Change>) -> Result<(), PortError>;
}
