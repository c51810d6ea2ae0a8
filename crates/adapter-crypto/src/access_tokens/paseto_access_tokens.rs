//! Access tokens as PASETO v4.public.

use crate::access_tokens::payload::Payload;
use crate::keys::shared_key_ring::SharedKeyRing;
use gatewright_application::ports::access_tokens::{AccessTokenFault, AccessTokens, PublishedKey};
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::error::PortError;
use gatewright_domain::access::claims::AccessClaims;
use gatewright_domain::{Duration, Timestamp};
use pasetors::token::{Public, UntrustedToken};
use pasetors::version4::{PublicToken, V4};
use secrecy::SecretString;
use std::sync::Arc;

/// Longest token, in bytes; more is refused unread.
pub const MAX_ACCESS_TOKEN_BYTES: usize = 8 * 1024;
/// How far ahead another node's clock may be. Expiry knows no leeway.
const CLOCK_LEEWAY: Duration = Duration::minutes(1);
/// Signed along but not sent: a token of another type, made with the same key, does not verify.
const TOKEN_TYPE: &[u8] = b"gatewright:access-token";

/// Signs and verifies access tokens with the keys of a ring (PASETO v4.public: Ed25519 over header, payload,
/// footer and implicit assertion). The footer says which key, `{"kid":"k4.pid.…"}`, and nothing else.
pub struct PasetoAccessTokens {
    keys: Arc<SharedKeyRing>,
    issuer: String,
    audience: String,
    clock: Arc<dyn Clock>,
}

impl PasetoAccessTokens {
    /// Tokens of `issuer` for `audience`. The clock serves [`published_keys`](AccessTokens::published_keys) alone.
    #[must_use]
    pub fn new(keys: Arc<SharedKeyRing>, issuer: String, audience: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            keys,
            issuer,
            audience,
            clock,
        }
    }

    /// The payload of a token that one of the keys signed as an access token. Nothing of it is read before.
    fn signed_payload(&self, token: &str, now: Timestamp) -> Option<Payload> {
        if token.len() > MAX_ACCESS_TOKEN_BYTES {
            return None;
        }
        let untrusted = UntrustedToken::<Public, V4>::try_from(token).ok()?;
        let ring = self.keys.load();
        let key = ring.find_by_footer(untrusted.untrusted_footer())?;
        if !key.lifetime().verifies_at(now) {
            return None;
        }
        let trusted = PublicToken::verify(&key.public, &untrusted, Some(key.footer()), Some(TOKEN_TYPE)).ok()?;
        Payload::parse(trusted.payload())
    }

    /// The claims of a token of ours whose time has begun.
    fn claims_begun(&self, token: &str, now: Timestamp) -> Option<AccessClaims> {
        let payload = self.signed_payload(token, now)?;
        if payload.iss != self.issuer || payload.aud != self.audience {
            return None;
        }
        let claims = payload.claims()?;
        let latest_start = now.saturating_add(CLOCK_LEEWAY);
        let begun = claims.issued_at <= latest_start && payload.not_before()? <= latest_start;
        begun.then_some(claims)
    }
}

impl AccessTokens for PasetoAccessTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<SecretString, PortError> {
        let ring = self.keys.load();
        let key = ring
            .signer(claims.issued_at)
            .ok_or_else(|| unavailable("no key is active"))?;
        let payload = Payload::new(&self.issuer, &self.audience, claims);
        let json = serde_json::to_vec(&payload).map_err(|_| unavailable("the claims cannot be written"))?;
        PublicToken::sign(&key.secret, &json, Some(key.footer()), Some(TOKEN_TYPE))
            .map(SecretString::from)
            .map_err(|_| unavailable("the key does not sign"))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, AccessTokenFault> {
        let claims = self.claims_begun(token, now).ok_or(AccessTokenFault::Invalid)?;
        if now < claims.expires_at {
            Ok(claims)
        } else {
            Err(AccessTokenFault::Expired)
        }
    }

    fn published_keys(&self) -> Vec<PublishedKey> {
        let now = self.clock.now();
        let ring = self.keys.load();
        let verifying = ring.keys().iter().filter(|key| key.lifetime().verifies_at(now));
        verifying
            .map(|key| PublishedKey {
                id: key.id().to_owned(),
                paserk: key.public_paserk(),
            })
            .collect()
    }
}

fn unavailable(reason: &str) -> PortError {
    PortError::Unavailable {
        dependency: "signing keys",
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::key_ring::KeyRing;
    use crate::system_clock::SystemClock;
    use gatewright_domain::access::role::{Permission, RoleName};
    use gatewright_domain::account::user::UserId;
    use gatewright_domain::session::session::{AuthenticationMethod, SessionId};
    use proptest::prelude::*;
    use secrecy::ExposeSecret;
    use time::macros::datetime;
    use uuid::Uuid;

    const NOW: Timestamp = datetime!(2026-03-01 12:00:00.123_456 UTC);
    const TTL: Duration = Duration::minutes(15);

    struct FixedClock(Timestamp);

    impl Clock for FixedClock {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    fn service(ring: KeyRing) -> PasetoAccessTokens {
        let keys = Arc::new(SharedKeyRing::new(ring));
        PasetoAccessTokens::new(
            keys,
            "https://id.example.org".into(),
            "example".into(),
            Arc::new(SystemClock),
        )
    }

    fn claims() -> AccessClaims {
        AccessClaims {
            user_id: UserId(Uuid::from_u128(1)),
            session_id: SessionId(Uuid::from_u128(2)),
            token_id: Uuid::from_u128(3),
            issued_at: NOW,
            expires_at: NOW + TTL,
            authenticated_at: NOW - Duration::hours(1),
            methods: [AuthenticationMethod::Password, AuthenticationMethod::OneTimeCode].into(),
            roles: [RoleName::administrator()].into(),
            permissions: Permission::ALL.into(),
        }
    }

    fn issue(service: &PasetoAccessTokens, claims: &AccessClaims) -> String {
        service.issue(claims).unwrap().expose_secret().to_owned()
    }

    #[test]
    fn claims_survive_the_token_until_it_expires() {
        let service = service(KeyRing::generate(NOW));
        let token = issue(&service, &claims());
        assert_eq!(service.verify(&token, NOW), Ok(claims()));
        let expiry = NOW + TTL;
        assert_eq!(service.verify(&token, expiry - Duration::MICROSECOND), Ok(claims()));
        assert_eq!(service.verify(&token, expiry), Err(AccessTokenFault::Expired));
    }

    #[test]
    fn f32_tokens_of_the_old_key_are_good_until_they_expire() {
        let before = KeyRing::generate(NOW);
        let after = before.rotated(NOW, NOW + Duration::HOUR, TTL);
        let last = AccessClaims {
            issued_at: NOW + Duration::HOUR - Duration::MICROSECOND,
            expires_at: NOW + Duration::HOUR + TTL,
            ..claims()
        };
        let token = issue(&service(before), &last);
        let service = service(after);
        assert_eq!(issue(&service, &last), token);
        assert_eq!(
            service.verify(&token, last.expires_at - Duration::MICROSECOND),
            Ok(last.clone())
        );
        let much_later = last.expires_at + Duration::HOUR;
        assert_eq!(service.verify(&token, much_later), Err(AccessTokenFault::Invalid));
        let first = AccessClaims {
            issued_at: NOW + Duration::HOUR,
            expires_at: NOW + Duration::HOUR + TTL,
            ..claims()
        };
        let new = issue(&service, &first);
        assert_ne!(new.rsplit('.').next(), token.rsplit('.').next());
        assert_eq!(service.verify(&new, NOW + Duration::HOUR), Ok(first));
    }

    #[test]
    fn keys_are_published_before_they_sign_and_until_they_are_over() {
        let ring = KeyRing::generate(NOW).rotated(NOW, NOW + Duration::HOUR, TTL);
        let ids: Vec<String> = ring.keys().iter().map(|key| key.id().to_owned()).collect();
        let published = |now| {
            let keys = Arc::new(SharedKeyRing::new(ring.clone()));
            let service = PasetoAccessTokens::new(keys, String::new(), String::new(), Arc::new(FixedClock(now)));
            service.published_keys()
        };
        let at_first: Vec<String> = published(NOW).into_iter().map(|key| key.id).collect();
        assert_eq!(at_first, ids);
        let in_the_end = published(NOW + Duration::DAY);
        assert_eq!(in_the_end.len(), 1);
        assert_eq!(in_the_end[0].id, ids[1]);
        assert_eq!(in_the_end[0].paserk, ring.keys()[1].public_paserk());
    }

    #[test]
    fn without_an_active_key_nothing_is_signed() {
        let service = service(KeyRing::generate(NOW + Duration::HOUR));
        assert!(matches!(service.issue(&claims()), Err(PortError::Unavailable { .. })));
    }

    #[test]
    fn a_key_taken_out_of_the_ring_is_forgotten_at_once() {
        let service = service(KeyRing::generate(NOW));
        let token = issue(&service, &claims());
        service.keys.replace(KeyRing::generate(NOW));
        assert_eq!(service.verify(&token, NOW), Err(AccessTokenFault::Invalid));
    }

    #[test]
    fn a17_a_token_beyond_the_bound_is_not_even_decoded() {
        let service = service(KeyRing::generate(NOW));
        let many_roles = (0..300).map(|number| RoleName::parse(&format!("role_of_many_{number}")).unwrap());
        let large = AccessClaims {
            roles: many_roles.collect(),
            ..claims()
        };
        let token = issue(&service, &large);
        assert!(token.len() > MAX_ACCESS_TOKEN_BYTES);
        assert_eq!(service.verify(&token, NOW), Err(AccessTokenFault::Invalid));
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_no_token(
            text in "\\PC{0,100}|v4\\.(public|local)\\.[A-Za-z0-9_-]{0,200}(\\.[A-Za-z0-9_-]{0,100})?",
            seconds in -377_705_116_800_i64..=253_402_300_799,
        ) {
            let service = service(KeyRing::generate(NOW));
            let now = Timestamp::from_unix_timestamp(seconds).unwrap();
            prop_assert_eq!(service.verify(&text, now), Err(AccessTokenFault::Invalid));
        }

        #[test]
        fn a_good_token_is_judged_at_any_time(seconds in -377_705_116_800_i64..=253_402_300_799) {
            let service = service(KeyRing::generate(NOW));
            let token = issue(&service, &claims());
            let now = Timestamp::from_unix_timestamp(seconds).unwrap();
            let good = now >= NOW - CLOCK_LEEWAY && now < NOW + TTL;
            prop_assert_eq!(service.verify(&token, now).is_ok(), good);
        }
    }
}
