//! What is stored of codes, links and counted names.

use crate::keys::mac_key::MacKey;
use crate::keys::secret_key::SecretKey;
use gatewright_application::ports::digests::Digests;
use gatewright_domain::abuse::quota::CounterKey;
use gatewright_domain::account::challenge::{ChallengePurpose, CodeDigest, FlowId, LinkDigest};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// HMAC-SHA-256 for what can be guessed (codes, addresses), SHA-256 for link tokens, which cannot: they have 256
/// random bits. After a change of the service's secret, pending codes are void and counters begin anew.
#[derive(Debug)]
pub struct KeyedDigests {
    code: MacKey,
    counter: MacKey,
}

impl KeyedDigests {
    /// Digests under the service's secret.
    #[must_use]
    pub fn new(key: &SecretKey) -> Self {
        Self {
            code: key.derive_mac_key("digest: code"),
            counter: key.derive_mac_key("digest: counter"),
        }
    }
}

impl Digests for KeyedDigests {
    fn code(&self, flow: FlowId, purpose: ChallengePurpose, code: &SecretString) -> CodeDigest {
        let purpose = purpose.as_str();
        let code = code.expose_secret().as_bytes();
        CodeDigest(
            self.code
                .mac(&[flow.0.as_bytes(), &length(purpose), purpose.as_bytes(), code]),
        )
    }

    fn link(&self, purpose: ChallengePurpose, token: &SecretString) -> LinkDigest {
        let purpose = purpose.as_str();
        let mut hash = Sha256::new_with_prefix(b"gatewright link digest:");
        hash.update(length(purpose));
        hash.update(purpose);
        hash.update(token.expose_secret());
        LinkDigest(hash.finalize().into())
    }

    fn counter(&self, kind: &'static str, name: &str) -> CounterKey {
        CounterKey(self.counter.mac(&[&length(kind), kind.as_bytes(), name.as_bytes()]))
    }
}

/// Stands before a word, so that no two pairs of word and rest are the same bytes.
fn length(word: &str) -> [u8; 8] {
    (word.len() as u64).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const FLOW: FlowId = FlowId(Uuid::from_u128(1));
    const PURPOSE: ChallengePurpose = ChallengePurpose::Registration;

    fn digests() -> KeyedDigests {
        KeyedDigests::new(&SecretKey::parse(&SecretKey::generate()).unwrap())
    }

    #[test]
    fn a_code_counts_for_one_flow_and_one_purpose_under_one_secret() {
        let digests = digests();
        let code = digests.code(FLOW, PURPOSE, &"123456".into());
        assert_eq!(code, digests.code(FLOW, PURPOSE, &"123456".into()));
        assert_ne!(code, digests.code(FLOW, PURPOSE, &"123457".into()));
        assert_ne!(
            code,
            digests.code(FlowId(Uuid::from_u128(2)), PURPOSE, &"123456".into())
        );
        assert_ne!(
            code,
            digests.code(FLOW, ChallengePurpose::PasswordReset, &"123456".into())
        );
        assert_ne!(code, self::digests().code(FLOW, PURPOSE, &"123456".into()));
    }

    #[test]
    fn a_link_counts_for_one_purpose_and_survives_a_change_of_the_secret() {
        let link = digests().link(PURPOSE, &"token".into());
        assert_eq!(link, digests().link(PURPOSE, &"token".into()));
        assert_ne!(link, digests().link(ChallengePurpose::EmailChange, &"token".into()));
        assert_ne!(link, digests().link(PURPOSE, &"Token".into()));
    }

    #[test]
    fn counters_of_different_kinds_never_meet() {
        let digests = digests();
        assert_eq!(
            digests.counter("mail", "a@example.org"),
            digests.counter("mail", "a@example.org")
        );
        assert_ne!(
            digests.counter("mail", "a@example.org"),
            digests.counter("mai", "la@example.org")
        );
        assert_ne!(digests.counter("mail", ""), digests.counter("", "mail"));
        assert_ne!(digests.counter("mail", "a"), self::digests().counter("mail", "a"));
    }
}
