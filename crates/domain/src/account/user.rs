//! Users: accounts whose owner has been told apart from everybody else.

use crate::Timestamp;
use crate::access::role::RoleName;
use crate::account::display_name::DisplayName;
use crate::account::email::EmailAddress;
use crate::account::settings::UserSettings;
use crate::account::username::Username;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Identifies a user for ever; never given out a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(pub Uuid);

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStatus {
    /// In use.
    Active,
    /// Closed by an administrator: no sign-in, no session.
    Disabled,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its identity.
    pub id: UserId,
    /// The address that mail goes to, unique by its canonical form.
    pub email: EmailAddress,
    /// When the owner proved the address; `None` only where verification is switched off.
    pub email_verified_at: Option<Timestamp>,
    /// A public handle, unique by its canonical form.
    pub username: Option<Username>,
    /// A name for people to read.
    pub display_name: Option<DisplayName>,
    /// What the user is, for authorization.
    pub roles: BTreeSet<RoleName>,
    /// A document of the product's own.
    pub settings: UserSettings,
    /// Whether the account may be used.
    pub status: UserStatus,
    /// When it came to be.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When somebody last signed in to it.
    pub last_login_at: Option<Timestamp>,
}

/// Why the right password is still not enough to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInBar {
    /// An administrator closed the account.
    AccountDisabled,
    /// The address was never proven, and the service asks for that.
    EmailNotVerified,
}

impl User {
    /// Whether the owner has proven the address.
    #[must_use]
    pub fn email_verified(&self) -> bool {
        self.email_verified_at.is_some()
    }

    /// What keeps this user from signing in, told only after the right password (ASVS 6.3.8).
    #[must_use]
    pub fn sign_in_bar(&self, verification_required: bool) -> Option<SignInBar> {
        if self.status == UserStatus::Disabled {
            Some(SignInBar::AccountDisabled)
        } else if verification_required && !self.email_verified() {
            Some(SignInBar::EmailNotVerified)
        } else {
            None
        }
    }
}
