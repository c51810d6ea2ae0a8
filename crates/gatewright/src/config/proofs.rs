//! Proving addresses and recovering passwords.

use crate::config::parse::{duration, one_of};
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use gatewright_domain::Duration;
use gatewright_domain::account::challenge::{ChallengePolicy, PasswordResetMethod};
use gatewright_domain::account::registration::EmailVerification;

pub(crate) const EMAIL_VERIFICATION: Setting = Setting::new(
    "EMAIL_VERIFICATION",
    "required",
    "`required`: nobody is in the user table before the address is proven; `off`: sign-up creates the user at once",
);
pub(crate) const VERIFICATION_CODE_TTL: Setting =
    Setting::new("VERIFICATION_CODE_TTL", "10m", "life of a six-digit code, at most 10m");
pub(crate) const VERIFICATION_LINK_TTL: Setting =
    Setting::new("VERIFICATION_LINK_TTL", "24h", "life of a link that proves an address");
pub(crate) const PASSWORD_RESET_METHOD: Setting = Setting::new(
    "PASSWORD_RESET_METHOD",
    "link",
    "how a lost password is recovered: by a mailed `link` or a six-digit `code`",
);
pub(crate) const PASSWORD_RESET_TTL: Setting =
    Setting::new("PASSWORD_RESET_TTL", "15m", "life of a link that resets a password");

/// Proving addresses and recovering passwords.
#[derive(Debug, Clone)]
pub struct ProofConfig {
    /// Whether an address has to be proven.
    pub email_verification: EmailVerification,
    /// How a lost password is recovered.
    pub reset_method: PasswordResetMethod,
    /// How long proofs live.
    pub policy: ChallengePolicy,
}

impl ProofConfig {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        let verification = [
            ("required", EmailVerification::Required),
            ("off", EmailVerification::Off),
        ];
        let email_verification = reader.read(&EMAIL_VERIFICATION, one_of(&verification));
        let methods = [("link", PasswordResetMethod::Link), ("code", PasswordResetMethod::Code)];
        let reset_method = reader.read(&PASSWORD_RESET_METHOD, one_of(&methods));
        // ASVS 6.5.5 bounds the life of a code.
        let code_ttl = reader.read(
            &VERIFICATION_CODE_TTL,
            duration(Duration::MINUTE..=Duration::minutes(10)),
        );
        let link_ttl = reader.read(&VERIFICATION_LINK_TTL, duration(Duration::MINUTE..=Duration::days(7)));
        let reset_ttl = reader.read(&PASSWORD_RESET_TTL, duration(Duration::MINUTE..=Duration::DAY));
        Ok(Self {
            email_verification: email_verification?,
            reset_method: reset_method?,
            policy: ChallengePolicy {
                code_ttl: code_ttl?,
                verification_link_ttl: link_ttl?,
                reset_link_ttl: reset_ttl?,
                ..ChallengePolicy::default()
            },
        })
    }
}
