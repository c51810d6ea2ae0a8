//! Identities and secrets from the operating system's generator.

use crate::os_random::random_bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatewright_application::ports::secrets::Secrets;
use gatewright_domain::Timestamp;
use gatewright_domain::session::client::DeviceId;
use secrecy::SecretString;
use uuid::{Builder, Uuid};
use zeroize::Zeroizing;

/// How many codes of six digits there are.
const CODES: u32 = 1_000_000;
/// The largest multiple of [`CODES`] that a `u32` holds: draws from there on would favour small codes.
const FAIR_DRAWS: u32 = u32::MAX - u32::MAX % CODES;

/// The [`Secrets`] port on the operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsSecrets;

impl Secrets for OsSecrets {
    fn new_id(&self, now: Timestamp) -> Uuid {
        Builder::from_unix_timestamp_millis(unix_millis(now), &random_bytes()).into_uuid()
    }

    fn six_digit_code(&self) -> SecretString {
        code_from(|| u32::from_ne_bytes(random_bytes()))
    }

    fn link_token(&self) -> SecretString {
        let bytes = Zeroizing::new(random_bytes::<32>());
        URL_SAFE_NO_PAD.encode(bytes.as_slice()).into()
    }

    fn device_id(&self) -> DeviceId {
        let text = format!("dev_{}", URL_SAFE_NO_PAD.encode(random_bytes::<16>()));
        #[expect(clippy::expect_used, reason = "26 characters of base64url and '_'")]
        DeviceId::parse(&text).expect("a device id")
    }
}

/// Milliseconds since 1970; 0 before.
fn unix_millis(moment: Timestamp) -> u64 {
    u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(0)
}

/// Six digits, each code equally likely: an unfair draw is thrown away, not folded in.
fn code_from(mut draw: impl FnMut() -> u32) -> SecretString {
    loop {
        let number = draw();
        if number < FAIR_DRAWS {
            return format!("{:06}", number % CODES).into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::collections::HashSet;
    use time::macros::datetime;

    #[test]
    fn ids_are_version_7_of_the_given_time() {
        let now = datetime!(2026-03-01 12:00:00.123_456 UTC);
        let id = OsSecrets.new_id(now);
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(
            id.get_timestamp().unwrap().to_unix(),
            (now.unix_timestamp().unsigned_abs(), 123_000_000)
        );
        assert_ne!(id, OsSecrets.new_id(now));
    }

    #[test]
    fn a_clock_before_1970_still_makes_ids() {
        let id = OsSecrets.new_id(datetime!(1969-12-31 23:59:59 UTC));
        assert_eq!(id.get_timestamp().unwrap().to_unix(), (0, 0));
    }

    #[test]
    fn codes_have_six_digits_with_their_zeros() {
        assert_eq!(code_from(|| 42).expose_secret(), "000042");
        assert_eq!(code_from(|| 3_999_999).expose_secret(), "999999");
        let code = OsSecrets.six_digit_code();
        assert!(code.expose_secret().len() == 6 && code.expose_secret().bytes().all(|byte| byte.is_ascii_digit()));
    }

    #[test]
    fn r21_draws_that_would_favour_small_codes_are_thrown_away() {
        let mut draws = [u32::MAX, FAIR_DRAWS, FAIR_DRAWS - 1].into_iter();
        assert_eq!(code_from(|| draws.next().unwrap()).expose_secret(), "999999");
        assert_eq!(FAIR_DRAWS % CODES, 0);
    }

    #[test]
    fn link_tokens_are_256_bits_of_url_safe_text() {
        let token = OsSecrets.link_token();
        assert_eq!(URL_SAFE_NO_PAD.decode(token.expose_secret()).unwrap().len(), 32);
    }

    #[test]
    fn nothing_is_drawn_twice() {
        let tokens: HashSet<String> = (0..1_000)
            .map(|_| OsSecrets.link_token().expose_secret().to_owned())
            .collect();
        let devices: HashSet<DeviceId> = (0..1_000).map(|_| OsSecrets.device_id()).collect();
        assert_eq!((tokens.len(), devices.len()), (1_000, 1_000));
        assert!(
            devices
                .iter()
                .all(|id| id.as_str().starts_with("dev_") && id.as_str().len() == 26)
        );
    }
}
