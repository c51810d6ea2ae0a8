//! The contract of [`AccessTokens`].

use crate::running::check;
use crate::samples::{MICROSECOND, id};
use crate::two_keys::{TwoKeys, forgeries_of};
use gatewright_application::ports::access_tokens::{AccessTokenFault, AccessTokens};
use gatewright_domain::access::claims::AccessClaims;
use gatewright_domain::access::role::{Permission, RoleName};
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::{AuthenticationMethod, SessionId};
use gatewright_domain::{Duration, Timestamp};
use secrecy::ExposeSecret;

/// What every case gets: an adapter under two keys, and the time.
#[derive(Clone, Copy)]
struct Issuers<'a> {
    keys: TwoKeys<'a, dyn AccessTokens + 'a>,
    now: Timestamp,
}

/// Runs every case on one adapter under two keys. `now` is when both have a key that signs, in whole
/// microseconds.
pub fn suite(ours: &dyn AccessTokens, theirs: &dyn AccessTokens, now: Timestamp) {
    let keys = TwoKeys { ours, theirs };
    let issuers = Issuers { keys, now };
    check(claims_with_everything_come_back, issuers);
    check(claims_with_nothing_optional_come_back, issuers);
    check(a_token_expires_to_the_microsecond, issuers);
    check(a_token_from_the_future_is_not_valid, issuers);
    check(a_forged_token_is_not_valid, issuers);
    check(a_forged_token_is_not_even_expired, issuers);
    check(a_token_under_another_key_is_not_valid, issuers);
    check(a73_tokens_of_other_kinds_are_not_valid, issuers);
    check(published_keys_are_told_apart, issuers);
}

const TTL: Duration = Duration::minutes(15);

fn claims_with_everything_come_back(issuers: Issuers<'_>) {
    let claims = full_claims(issuers.now);
    let token = issuers.issue(&claims);
    assert_eq!(issuers.keys.ours.verify(&token, issuers.now), Ok(claims));
}

fn claims_with_nothing_optional_come_back(issuers: Issuers<'_>) {
    let claims = AccessClaims {
        methods: [].into(),
        roles: [].into(),
        permissions: [].into(),
        ..full_claims(issuers.now)
    };
    let token = issuers.issue(&claims);
    assert_eq!(issuers.keys.ours.verify(&token, issuers.now), Ok(claims));
}

fn a_token_expires_to_the_microsecond(issuers: Issuers<'_>) {
    let claims = full_claims(issuers.now);
    let token = issuers.issue(&claims);
    let (ours, end) = (issuers.keys.ours, claims.expires_at);
    assert_eq!(ours.verify(&token, end), Err(AccessTokenFault::Expired));
    assert_eq!(ours.verify(&token, end - MICROSECOND), Ok(claims));
}

/// By more than two clocks of one service may differ.
fn a_token_from_the_future_is_not_valid(issuers: Issuers<'_>) {
    let token = issuers.issue(&full_claims(issuers.now));
    let before = issuers.now - Duration::minutes(10);
    let answer = issuers.keys.ours.verify(&token, before);
    assert_eq!(answer, Err(AccessTokenFault::Invalid));
}

fn a_forged_token_is_not_valid(issuers: Issuers<'_>) {
    let token = issuers.issue(&full_claims(issuers.now));
    for forged in forgeries_of(&token) {
        let answer = issuers.keys.ours.verify(&forged, issuers.now);
        assert_eq!(answer, Err(AccessTokenFault::Invalid), "{forged:?}");
    }
}

/// The signature is looked at first: nothing is told of what nobody signed.
fn a_forged_token_is_not_even_expired(issuers: Issuers<'_>) {
    let token = issuers.issue(&full_claims(issuers.now));
    for forged in forgeries_of(&token) {
        let answer = issuers.keys.ours.verify(&forged, issuers.now + TTL);
        assert_eq!(answer, Err(AccessTokenFault::Invalid), "{forged:?}");
    }
}

fn a_token_under_another_key_is_not_valid(issuers: Issuers<'_>) {
    let token = issuers.issue(&full_claims(issuers.now));
    let answer = issuers.keys.theirs.verify(&token, issuers.now);
    assert_eq!(answer, Err(AccessTokenFault::Invalid));
}

fn a73_tokens_of_other_kinds_are_not_valid(issuers: Issuers<'_>) {
    let token = issuers.issue(&full_claims(issuers.now));
    let body = token.rsplit('.').next().unwrap_or_default();
    let of_other_kinds = [
        "v1.public.",
        "v2.public.",
        "v3.public.",
        "v3.local.",
        "v4.local.",
        "k4.public.",
    ];
    let mut texts: Vec<String> = of_other_kinds.map(|kind| format!("{kind}{body}")).into();
    let unsigned_jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.";
    texts.extend(["", ".", "...", "v4.public.", unsigned_jwt].map(str::to_owned));
    texts.push("A".repeat(100_000));
    for text in texts {
        let answer = issuers.keys.ours.verify(&text, issuers.now);
        assert_eq!(answer, Err(AccessTokenFault::Invalid), "{text:?}");
    }
}

fn published_keys_are_told_apart(issuers: Issuers<'_>) {
    let keys = issuers.keys.ours.published_keys();
    assert!(!keys.is_empty());
    for (place, key) in keys.iter().enumerate() {
        assert!(!key.id.is_empty());
        assert!(key.paserk.starts_with("k4.public."), "{}", key.paserk);
        assert!(keys[..place].iter().all(|other| other.id != key.id), "{}", key.id);
    }
}

impl Issuers<'_> {
    fn issue(&self, claims: &AccessClaims) -> String {
        let token = self.keys.ours.issue(claims).unwrap();
        token.expose_secret().to_owned()
    }
}

fn full_claims(now: Timestamp) -> AccessClaims {
    AccessClaims {
        user_id: UserId(id(1)),
        session_id: SessionId(id(2)),
        token_id: id(3),
        issued_at: now,
        expires_at: now + TTL,
        authenticated_at: now - MICROSECOND,
        methods: [AuthenticationMethod::Password, AuthenticationMethod::OneTimeCode].into(),
        roles: [RoleName::administrator(), RoleName::default_for_new_users()].into(),
        permissions: Permission::ALL.into(),
    }
}
