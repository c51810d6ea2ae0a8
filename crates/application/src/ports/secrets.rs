//! Randomness, by what it is for.

use gatewright_domain::Timestamp;
use gatewright_domain::session::client::DeviceId;
use secrecy::SecretString;
use uuid::Uuid;

/// Draws identities and secrets from the operating system's generator (ASVS 11.5.1).
pub trait Secrets: Send + Sync {
    /// A new identity: a `UUIDv7` (RFC 9562 §5.7) of `now`. It is no secret.
    fn new_id(&self, now: Timestamp) -> Uuid;

    /// Six decimal digits, each value equally likely.
    fn six_digit_code(&self) -> SecretString;

    /// A token for a mailed link: 256 bits, URL-safe.
    fn link_token(&self) -> SecretString;

    /// A name for a device that has none.
    fn device_id(&self) -> DeviceId;
}
