//! Mail content as PASETO v4.local.

use crate::keys::secret_key::{SecretKey, SecretKeys};
use gatewright_application::mail::content::{MailContent, MailTemplate};
use gatewright_application::mail::outbox_mail::{MailId, SealedContent};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::mail_sealer::MailSealer;
use pasetors::keys::SymmetricKey;
use pasetors::token::UntrustedToken;
use pasetors::version4::{LocalToken, V4};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::iter;

/// Seals mail content with authenticated encryption; the implicit assertion names the mail, so that content
/// moved to another mail does not open.
#[derive(Debug)]
pub struct PasetoMailSealer {
    current: SymmetricKey<V4>,
    previous: Vec<SymmetricKey<V4>>,
}

/// What is encrypted, as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    template: String,
    values: BTreeMap<String, String>,
}

impl PasetoMailSealer {
    /// Seals under the current secret; opens what was sealed under it or an earlier one.
    #[must_use]
    pub fn new(keys: &SecretKeys) -> Self {
        Self {
            current: sealing_key(&keys.current),
            previous: keys.previous.iter().map(sealing_key).collect(),
        }
    }
}

fn sealing_key(key: &SecretKey) -> SymmetricKey<V4> {
    #[expect(clippy::expect_used, reason = "a key for v4.local has 32 bytes")]
    SymmetricKey::from(key.derive("mail content").as_slice()).expect("32 bytes")
}

impl MailSealer for PasetoMailSealer {
    fn seal(&self, id: MailId, content: &MailContent) -> Result<SealedContent, PortError> {
        let plain = Plain {
            template: content.template.as_str().to_owned(),
            values: content.values.clone(),
        };
        let json = serde_json::to_vec(&plain).map_err(|_| corrupt("it cannot be encoded"))?;
        LocalToken::encrypt(&self.current, &json, None, Some(assertion(id).as_bytes()))
            .map(SealedContent)
            .map_err(|_| corrupt("it cannot be sealed"))
    }

    fn open(&self, id: MailId, sealed: &SealedContent) -> Result<MailContent, PortError> {
        // The library takes a dot at the end for a footer of nothing.
        if sealed.0.ends_with('.') {
            return Err(corrupt("it is not sealed"));
        }
        let token = UntrustedToken::try_from(&sealed.0).map_err(|_| corrupt("it is not sealed"))?;
        let assertion = assertion(id);
        let opened = iter::once(&self.current)
            .chain(&self.previous)
            .find_map(|key| LocalToken::decrypt(key, &token, None, Some(assertion.as_bytes())).ok())
            .ok_or_else(|| corrupt("it was sealed under another secret or for another mail"))?;
        let plain: Plain = serde_json::from_str(opened.payload()).map_err(|_| corrupt("it is no mail content"))?;
        Ok(MailContent {
            template: MailTemplate::from_word(&plain.template).ok_or_else(|| corrupt("its template is not known"))?,
            values: plain.values,
        })
    }
}

fn assertion(id: MailId) -> String {
    format!("gatewright:mail:{}", id.0)
}

fn corrupt(reason: &str) -> PortError {
    PortError::Corrupt {
        what: "mail content",
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pasetors::version4::PublicToken;
    use proptest::prelude::*;
    use uuid::Uuid;

    const MAIL: MailId = MailId(Uuid::from_u128(1));

    fn secret_key() -> SecretKey {
        SecretKey::parse(&SecretKey::generate()).unwrap()
    }

    fn sealer() -> PasetoMailSealer {
        PasetoMailSealer::new(&SecretKeys::only(secret_key()))
    }

    fn content() -> MailContent {
        MailContent {
            template: MailTemplate::VerifyRegistration,
            values: [("code".to_owned(), "123456".to_owned())].into(),
        }
    }

    fn is_corrupt(outcome: &Result<MailContent, PortError>) -> bool {
        matches!(outcome, Err(PortError::Corrupt { .. }))
    }

    #[test]
    fn what_was_sealed_opens_and_says_nothing_before() {
        let mails = sealer();
        let sealed = mails.seal(MAIL, &content()).unwrap();
        assert!(sealed.0.starts_with("v4.local.") && !sealed.0.contains("123456"));
        assert_eq!(mails.open(MAIL, &sealed), Ok(content()));
    }

    #[test]
    fn content_moved_to_another_mail_does_not_open() {
        let mails = sealer();
        let sealed = mails.seal(MAIL, &content()).unwrap();
        assert!(is_corrupt(&mails.open(MailId(Uuid::from_u128(2)), &sealed)));
    }

    #[test]
    fn a_mail_outlives_a_change_of_the_secret() {
        let old = secret_key();
        let sealed = PasetoMailSealer::new(&SecretKeys::only(old.clone()))
            .seal(MAIL, &content())
            .unwrap();
        assert!(is_corrupt(&sealer().open(MAIL, &sealed)));
        let after = PasetoMailSealer::new(&SecretKeys {
            current: secret_key(),
            previous: vec![old],
        });
        assert_eq!(after.open(MAIL, &sealed), Ok(content()));
    }

    #[test]
    fn a73_a_signed_token_is_no_sealed_content() {
        use pasetors::keys::{AsymmetricKeyPair, Generate};
        let pair = AsymmetricKeyPair::<V4>::generate().unwrap();
        let assertion = assertion(MAIL);
        let signed = PublicToken::sign(&pair.secret, b"{}", None, Some(assertion.as_bytes())).unwrap();
        assert!(is_corrupt(&sealer().open(MAIL, &SealedContent(signed))));
    }

    proptest! {
        #[test]
        fn arbitrary_text_does_not_open(text in "(v4\\.local\\.)?[A-Za-z0-9_.-]{0,200}|\\PC{0,50}") {
            prop_assert!(is_corrupt(&sealer().open(MAIL, &SealedContent(text))));
        }
    }
}
