//! Tokens of every wrong kind, made by another implementation (`tests/data/access_tokens.json`).

use crate::access_tokens::paseto_access_tokens::PasetoAccessTokens;
use crate::keys::key_ring::KeyRing;
use crate::keys::shared_key_ring::SharedKeyRing;
use crate::rfc3339;
use crate::system_clock::SystemClock;
use gatewright_application::ports::access_tokens::{AccessTokenFault, AccessTokens};
use gatewright_domain::Timestamp;
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
struct Handwritten {
    key: String,
    issuer: String,
    audience: String,
    now: String,
    tokens: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    expect: String,
    token: String,
}

impl Handwritten {
    fn read() -> Self {
        serde_json::from_str(include_str!("../../tests/data/access_tokens.json")).unwrap()
    }

    fn service(&self) -> PasetoAccessTokens {
        let ring = KeyRing::parse(&self.key.as_str().into()).unwrap();
        let keys = Arc::new(SharedKeyRing::new(ring));
        PasetoAccessTokens::new(keys, self.issuer.clone(), self.audience.clone(), Arc::new(SystemClock))
    }

    fn now(&self) -> Timestamp {
        rfc3339::parse(&self.now).unwrap()
    }

    /// Judges every token whose name begins so, and says how many there were.
    fn judge(&self, prefix: &str) -> usize {
        let (service, now) = (self.service(), self.now());
        let cases = self.tokens.iter().filter(|case| case.name.starts_with(prefix));
        cases
            .map(|case| {
                let verdict = match service.verify(&case.token, now) {
                    Ok(_) => "valid",
                    Err(AccessTokenFault::Invalid) => "invalid",
                    Err(AccessTokenFault::Expired) => "expired",
                };
                assert_eq!(verdict, case.expect, "{}", case.name);
            })
            .count()
    }
}

#[test]
fn tokens_of_another_implementation_are_good_until_they_expire() {
    assert_eq!(Handwritten::read().judge("valid"), 2);
    assert_eq!(Handwritten::read().judge("expired"), 2);
}

#[test]
fn a70_tokens_of_another_type_are_refused() {
    assert_eq!(Handwritten::read().judge("a70"), 5);
}

#[test]
fn a73_tokens_of_another_version_or_purpose_are_refused() {
    assert_eq!(Handwritten::read().judge("a73"), 20);
}

#[test]
fn a75_tokens_with_odd_footers_or_claims_are_refused() {
    assert_eq!(Handwritten::read().judge("a75"), 51);
}

#[test]
fn our_own_token_is_the_same_letter_for_letter() {
    let handwritten = Handwritten::read();
    let (service, token) = (handwritten.service(), &handwritten.tokens[0].token);
    let claims = service.verify(token, handwritten.now()).unwrap();
    assert_eq!(service.issue(&claims).unwrap().expose_secret(), token);
}

#[test]
fn every_changed_letter_is_noticed() {
    let handwritten = Handwritten::read();
    let (service, now) = (handwritten.service(), handwritten.now());
    let token = &handwritten.tokens[0].token;
    for at in 0..token.len() {
        let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        let changed = [&token[..at], other, &token[at + 1..]].concat();
        assert_eq!(
            service.verify(&changed, now),
            Err(AccessTokenFault::Invalid),
            "letter {at}"
        );
    }
}
