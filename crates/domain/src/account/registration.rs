//! Registration: an account that waits for its address to be proven.
//!
//! What a person enters at sign-up is kept apart from the user table until somebody proves the
//! address. Several registrations may wait for one address, each with its own password: the one
//! that is proven becomes the account and every other is void. [`is_trusted`] says when the proof
//! speaks for whoever chose the password too, against those who register a stranger's address
//! first (pre-hijacking).

use crate::Timestamp;
use crate::access::role::RoleName;
use crate::account::display_name::DisplayName;
use crate::account::email::EmailAddress;
use crate::account::settings::UserSettings;
use crate::account::user::{User, UserId, UserStatus};
use crate::account::username::Username;
use crate::password::hash::PasswordHash;
use std::net::IpAddr;
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
    /// The network it was entered from, as [`counted_network`](crate::session::client::counted_network) tells it.
    pub network: Option<IpAddr>,
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

/// By what a registration's address was proven, as far as it tells who is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofOrigin {
    /// The code, entered in the very flow that the sign-up began: whoever chose the password holds that flow.
    OwnFlow,
    /// The link mailed for that flow: whoever reads the address's mail.
    Link {
        /// The network it was followed from.
        network: Option<IpAddr>,
    },
    /// A flow that was asked for later, by address alone, and so by anybody.
    ResentFlow,
}

/// Whether what was entered at sign-up, the password above all, may become the account's.
///
/// While a single registration waits for an address there is nobody to mistake it for. While several do,
/// somebody else may have chosen the password that a mailed proof would confirm: then a proof counts for it only from
/// the flow that the sign-up began, or as its link followed from the network the sign-up came from. Otherwise the
/// account starts with the address alone, and its owner sets a password by a reset.
#[must_use]
pub fn is_trusted(registration: &Registration, origin: ProofOrigin, registrations_waiting: usize) -> bool {
    registrations_waiting <= 1
        || match origin {
            ProofOrigin::OwnFlow => true,
            ProofOrigin::Link { network } => network.is_some() && network == registration.network,
            ProofOrigin::ResentFlow => false,
        }
}

/// The registration without what cannot be trusted of it.
#[must_use]
pub fn address_alone(registration: Registration) -> Registration {
    Registration {
        username: None,
        display_name: None,
        ..registration
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration_from(network: &str) -> Registration {
        Registration {
            id: RegistrationId(Uuid::nil()),
            email: EmailAddress::parse("ann@example.org").unwrap(),
            username: None,
            display_name: None,
            password: PasswordHash::from_phc(String::new()),
            network: Some(network.parse().unwrap()),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a28_a_mailed_proof_confirms_no_strangers_password_while_the_address_is_contested() {
        let registration = registration_from("192.0.2.7");
        let link = |network: Option<&str>| ProofOrigin::Link {
            network: network.map(|text| text.parse().unwrap()),
        };
        let proofs = [
            (ProofOrigin::OwnFlow, true),
            (link(Some("192.0.2.7")), true),
            (link(Some("198.51.100.1")), false),
            (link(None), false),
            (ProofOrigin::ResentFlow, false),
        ];
        for (origin, where_contested) in proofs {
            assert!(is_trusted(&registration, origin, 1), "{origin:?}");
            assert_eq!(is_trusted(&registration, origin, 2), where_contested, "{origin:?}");
        }
        let unknown = Registration {
            network: None,
            ..registration
        };
        assert!(!is_trusted(&unknown, link(None), 2));
    }
}
