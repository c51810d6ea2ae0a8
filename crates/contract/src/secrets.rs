//! The contract of [`Secrets`].

use crate::running::check;
use crate::samples::NOON;
use gatewright_application::ports::secrets::Secrets;
use gatewright_domain::session::client::DeviceId;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashSet;
use std::hash::Hash;
use uuid::Variant;

/// Runs every case.
pub fn suite(secrets: &dyn Secrets) {
    check(ids_are_of_version_7_and_tell_the_time, secrets);
    check(ids_are_all_different, secrets);
    check(codes_have_six_digits, secrets);
    check(every_digit_is_equally_likely_at_every_place, secrets);
    check(codes_hardly_ever_repeat, secrets);
    check(link_tokens_are_long_and_fit_a_url, secrets);
    check(link_tokens_are_all_different, secrets);
    check(device_ids_are_all_different, secrets);
}

fn ids_are_of_version_7_and_tell_the_time(secrets: &dyn Secrets) {
    let id = secrets.new_id(NOON);
    assert_eq!((id.get_version_num(), id.get_variant()), (7, Variant::RFC4122));
    let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
    let millis = i128::from(seconds) * 1000 + i128::from(nanos) / 1_000_000;
    assert_eq!(millis, NOON.unix_timestamp_nanos() / 1_000_000);
}

fn ids_are_all_different(secrets: &dyn Secrets) {
    assert_eq!(distinct(10_000, || secrets.new_id(NOON)), 10_000);
}

fn codes_have_six_digits(secrets: &dyn Secrets) {
    for _ in 0..1000 {
        assert_eq!(digits(&secrets.six_digit_code()).len(), 6);
    }
}

/// A digit comes 2000 times in 20 000 codes, give or take 42; a bias that shows here is a gross one.
fn every_digit_is_equally_likely_at_every_place(secrets: &dyn Secrets) {
    let mut counts = [[0_u32; 10]; 6];
    for _ in 0..20_000 {
        for (place, digit) in digits(&secrets.six_digit_code()).into_iter().enumerate() {
            counts[place][digit] += 1;
        }
    }
    for (place, count) in counts.as_flattened().iter().enumerate() {
        let (place, digit) = (place / 10, place % 10);
        assert!((1650..2350).contains(count), "{digit} at place {place}: {count} times");
    }
}

/// Of 1000 codes out of a million, one in two thousand meets an earlier one.
fn codes_hardly_ever_repeat(secrets: &dyn Secrets) {
    let codes = distinct(1000, || secrets.six_digit_code().expose_secret().to_owned());
    assert!(codes > 980, "{codes} different codes among 1000");
}

fn link_tokens_are_long_and_fit_a_url(secrets: &dyn Secrets) {
    for _ in 0..100 {
        let token = secrets.link_token();
        let token = token.expose_secret();
        // 256 bits at 6 bits a character.
        assert!(token.len() >= 43, "{}", token.len());
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        assert!(token.bytes().all(fits), "{token:?}");
    }
}

fn link_tokens_are_all_different(secrets: &dyn Secrets) {
    let tokens = distinct(1000, || secrets.link_token().expose_secret().to_owned());
    assert_eq!(tokens, 1000);
}

fn device_ids_are_all_different(secrets: &dyn Secrets) {
    let ids = distinct(1000, || {
        let id = secrets.device_id();
        assert_eq!(DeviceId::parse(id.as_str()).as_ref(), Ok(&id));
        id
    });
    assert_eq!(ids, 1000);
}

fn digits(code: &SecretString) -> Vec<usize> {
    let digits = code.expose_secret().bytes();
    digits
        .map(|byte| {
            assert!(byte.is_ascii_digit(), "{byte}");
            usize::from(byte - b'0')
        })
        .collect()
}

fn distinct<T: Eq + Hash>(draws: usize, draw: impl Fn() -> T) -> usize {
    let values: HashSet<T> = (0..draws).map(|_| draw()).collect();
    values.len()
}
