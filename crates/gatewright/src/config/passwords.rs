//! What makes a new password acceptable.

use crate::config::parse::{existing_file, one_of, whole_number};
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use gatewright_domain::password::policy::{
    COMPOSED_MIN_LENGTH, Composition, LOWEST_MIN_LENGTH, NIST_MIN_LENGTH, PasswordPolicy,
};
use std::path::PathBuf;

pub(crate) const PASSWORD_POLICY: Setting = Setting::new(
    "PASSWORD_POLICY",
    "nist",
    "`nist`: length and the list of known passwords decide; `composed`: also upper and lower case, digit, special character",
);
pub(crate) const PASSWORD_MIN_LENGTH: Setting = Setting::derived(
    "PASSWORD_MIN_LENGTH",
    "15 with nist, 8 with composed",
    "15",
    "fewest characters of a new password, at least 8",
);
pub(crate) const PASSWORD_BLOCKLIST_FILE: Setting = Setting::derived(
    "PASSWORD_BLOCKLIST_FILE",
    "none: the list that comes with the program",
    "./breached-passwords.txt",
    "file of further passwords to refuse, one a line",
);

// NIST SP 800-63B-4 wants passwords of 64 characters to be accepted.
const HIGHEST_MIN_LENGTH: usize = 64;

/// What makes a new password acceptable.
#[derive(Debug, Clone)]
pub struct PasswordConfig {
    /// The rules.
    pub policy: PasswordPolicy,
    /// A file of further passwords to refuse.
    pub blocklist_file: Option<PathBuf>,
}

impl PasswordConfig {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        let policies = [("nist", Composition::Free), ("composed", Composition::Composed)];
        let composition = reader.read(&PASSWORD_POLICY, one_of(&policies));
        let min_length = reader.read_optional(
            &PASSWORD_MIN_LENGTH,
            whole_number(LOWEST_MIN_LENGTH..=HIGHEST_MIN_LENGTH),
        );
        let blocklist_file = reader.read_optional(&PASSWORD_BLOCKLIST_FILE, existing_file);
        let composition = composition?;
        let usual_min_length = match composition {
            Composition::Free => NIST_MIN_LENGTH,
            Composition::Composed => COMPOSED_MIN_LENGTH,
        };
        Ok(Self {
            policy: PasswordPolicy {
                composition,
                min_length: min_length?.unwrap_or(usual_min_length),
                context_words: vec!["gatewright".to_owned()],
            },
            blocklist_file: blocklist_file?,
        })
    }
}
