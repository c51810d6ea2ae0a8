//! Registration: an account that waits for its address to be proven.
//!
//! What a person enters at sign-up is kept apart from the user table until somebody proves the
//! address. Several registrations may wait for one address, each with its own password: the one
//! that is proven becomes the account and every other is void, so whoever registers a stranger's
//! address first gains nothing by it (pre-hijacking).

use crate::Timestamp;
use crate::access::role::RoleName;
use crate::account::display_name::DisplayName;
use crate::account::email::EmailAddress;
use crate::account::settings::UserSettings;
use crate::account::user::{User, UserId, UserStatus};
use crate::account::username::Username;
use crate::password::hash::PasswordHash;
use uuid::Uuid;

/// Identifies a pending registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RegistrationId(pub Uuid);

/// Whether a new account's address has to be proven before the account exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailVerification {
    /// The default: nothing is in the user table until the address is proven.
    Required,
    /// An account exists at once, its address unproven.
    Off,
}

/// What a person entered at sign-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Its identity.
    pub id: RegistrationId,
    /// The address to prove.
    pub email: EmailAddress,
    /// The handle asked for; taken only when the account is made.
    pub username: Option<Username>,
    /// The name to show.
    pub display_name: Option<DisplayName>,
    /// The hash of the password chosen.
    pub password: PasswordHash,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it is void for lack of proof.
    pub expires_at: Timestamp,
}

impl Registration {
    /// The account this registration becomes. `verified_at` is when its address was proven.
    #[must_use]
    pub fn into_user(self, id: UserId, verified_at: Option<Timestamp>, now: Timestamp) -> (User, PasswordHash) {
        let user = User {
            id,
            email: self.email,
            email_verified_at: verified_at,
            username: self.username,
            display_name: self.display_name,
            roles: [RoleName::default_for_new_users()].into(),
            settings: UserSettings::default(),
            status: UserStatus::Active,
            created_at: now,
            updated_at: now,
            last_login_at: None,
        };
        (user, self.password)
    }
}

/// Whether the password of a registration may become the account's.
///
/// A code entered in the flow that made the registration, or a link mailed for it, speaks for the
/// person who chose its password. A *resent* flow is asked for by address alone: while several
/// registrations wait for that address, nobody can say whose password it would confirm, so the
/// account starts without one and its owner sets it by a password reset.
#[must_use]
pub fn password_is_trusted(flow_was_resent: bool, registrations_waiting: usize) -> bool {
    !flow_was_resent || registrations_waiting <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a28_a_resent_flow_confirms_no_password_while_the_address_is_contested() {
        assert!(password_is_trusted(false, 1));
        assert!(password_is_trusted(false, 2));
        assert!(password_is_trusted(true, 1));
        assert!(!password_is_trusted(true, 2));
    }
}
