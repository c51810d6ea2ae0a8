//! Secrets that are the same at every run.

use gatewright_application::ports::secrets::Secrets;
use gatewright_domain::Timestamp;
use gatewright_domain::session::client::DeviceId;
use secrecy::SecretString;
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::{Builder, Uuid};

/// Counts, and makes every identity and secret of the count: all distinct, none of them secret.
#[derive(Debug, Default)]
pub struct ScriptedSecrets {
    drawn: AtomicU32,
}

impl ScriptedSecrets {
    fn next(&self) -> u32 {
        self.drawn.fetch_add(1, Ordering::Relaxed)
    }
}

impl Secrets for ScriptedSecrets {
    fn new_id(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
        let [a, b, c, d] = self.next().to_be_bytes();
        Builder::from_unix_timestamp_millis(millis, &[0, 0, 0, 0, 0, 0, a, b, c, d]).into_uuid()
    }

    fn six_digit_code(&self) -> SecretString {
        // The factor shares no divisor with a million: a million codes pass before one comes again.
        let code = u64::from(self.next()) * 618_033 % 1_000_000;
        format!("{code:06}").into()
    }

    fn link_token(&self) -> SecretString {
        format!("link-token-{:032}", self.next()).into()
    }

    #[expect(clippy::expect_used, reason = "the text is a device id by its making")]
    fn device_id(&self) -> DeviceId {
        DeviceId::parse(&format!("device-{}", self.next())).expect("visible ASCII characters")
    }
}
