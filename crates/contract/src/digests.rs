//! The contract of [`Digests`].

use crate::running::check;
use crate::samples::id;
use crate::two_keys::TwoKeys;
use gatewright_application::ports::digests::Digests;
use gatewright_domain::account::challenge::{ChallengePurpose, CodeDigest, FlowId};
use secrecy::SecretString;

type Keys<'a> = TwoKeys<'a, dyn Digests + 'a>;

/// Runs every case on one adapter under two keys.
pub fn suite(ours: &dyn Digests, theirs: &dyn Digests) {
    let keys = TwoKeys { ours, theirs };
    check(equal_things_have_equal_digests, keys);
    check(different_secrets_have_different_digests, keys);
    check(a52_a_code_counts_for_its_flow_alone, keys);
    check(a44_a_code_counts_for_its_purpose_alone, keys);
    check(a44_a_link_counts_for_its_purpose_alone, keys);
    check(counters_of_different_kinds_or_names_are_apart, keys);
    check(codes_and_counters_depend_on_the_key, keys);
}

const RESET: ChallengePurpose = ChallengePurpose::PasswordReset;
const REGISTRATION: ChallengePurpose = ChallengePurpose::Registration;

fn equal_things_have_equal_digests(Keys { ours, .. }: Keys<'_>) {
    assert_eq!(code(ours, 1, RESET, "012345"), code(ours, 1, RESET, "012345"));
    let token = SecretString::from("a token");
    assert_eq!(ours.link(RESET, &token), ours.link(RESET, &token));
    assert_eq!(ours.counter("kind", "name"), ours.counter("kind", "name"));
}

fn different_secrets_have_different_digests(Keys { ours, .. }: Keys<'_>) {
    assert_ne!(code(ours, 1, RESET, "012345"), code(ours, 1, RESET, "012346"));
    assert_ne!(code(ours, 1, RESET, "012345"), code(ours, 1, RESET, "12345"));
    let (token, other) = (SecretString::from("a token"), SecretString::from("A token"));
    assert_ne!(ours.link(RESET, &token), ours.link(RESET, &other));
}

fn a52_a_code_counts_for_its_flow_alone(Keys { ours, .. }: Keys<'_>) {
    assert_ne!(code(ours, 1, RESET, "012345"), code(ours, 2, RESET, "012345"));
}

fn a44_a_code_counts_for_its_purpose_alone(Keys { ours, .. }: Keys<'_>) {
    assert_ne!(code(ours, 1, RESET, "012345"), code(ours, 1, REGISTRATION, "012345"));
}

fn a44_a_link_counts_for_its_purpose_alone(Keys { ours, .. }: Keys<'_>) {
    let token = SecretString::from("a token");
    assert_ne!(ours.link(RESET, &token), ours.link(REGISTRATION, &token));
}

fn counters_of_different_kinds_or_names_are_apart(Keys { ours, .. }: Keys<'_>) {
    let counters = [
        ours.counter("mail", "ann@example.org"),
        ours.counter("mail", "bob@example.org"),
        ours.counter("failures", "ann@example.org"),
        ours.counter("maila", "nn@example.org"),
        ours.counter("mail", ""),
        ours.counter("", "mail"),
    ];
    for (place, counter) in counters.iter().enumerate() {
        assert!(!counters[..place].contains(counter), "the counter at {place}");
    }
}

fn codes_and_counters_depend_on_the_key(Keys { ours, theirs }: Keys<'_>) {
    assert_ne!(code(ours, 1, RESET, "012345"), code(theirs, 1, RESET, "012345"));
    assert_ne!(ours.counter("kind", "name"), theirs.counter("kind", "name"));
}

fn code(digests: &dyn Digests, flow: u32, purpose: ChallengePurpose, code: &str) -> CodeDigest {
    digests.code(FlowId(id(flow)), purpose, &code.into())
}
