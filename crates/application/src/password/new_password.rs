//! The one door for new passwords: registration, change, reset and administration all pass through it (ASVS 6.2.4).

use crate::ports::error::PortError;
use crate::ports::password_blocklist::PasswordBlocklist;
use crate::ports::password_hasher::PasswordHasher;
use gatewright_domain::password::hash::PasswordHash;
use gatewright_domain::password::password::{Password, PasswordError};
use gatewright_domain::password::policy::{PasswordFault, PasswordOwner, PasswordPolicy};
use secrecy::SecretString;
use std::sync::Arc;
use thiserror::Error;

/// Judges and hashes new passwords.
#[derive(Clone)]
pub struct NewPasswords {
    /// The rules.
    pub policy: PasswordPolicy,
    /// Common and breached passwords.
    pub blocklist: Arc<dyn PasswordBlocklist>,
    /// Hashes.
    pub hasher: Arc<dyn PasswordHasher>,
}

/// Why a new password is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PasswordRejection {
    /// It cannot be a password at all.
    #[error(transparent)]
    Unusable(#[from] PasswordError),
    /// The policy refuses it, for these reasons.
    #[error("the password does not meet the policy")]
    Policy(Vec<PasswordFault>),
}

impl NewPasswords {
    /// Judges `entered` by the policy; without an `owner` by all of it but the owner's names.
    ///
    /// # Errors
    /// See [`PasswordRejection`].
    pub fn judge(
        &self,
        entered: &SecretString,
        owner: Option<PasswordOwner<'_>>,
    ) -> Result<Password, PasswordRejection> {
        let password = Password::parse(entered)?;
        let faults = self
            .policy
            .faults(&password, owner, |text| self.blocklist.contains(text));
        if faults.is_empty() {
            Ok(password)
        } else {
            Err(PasswordRejection::Policy(faults))
        }
    }

    /// Hashes a password that was judged.
    ///
    /// # Errors
    /// [`PortError::Overloaded`] where too many wait.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, PortError> {
        self.hasher.hash(password).await
    }
}
