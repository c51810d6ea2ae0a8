//! The contract of [`RefreshTokens`].

use crate::running::check;
use crate::samples::id;
use crate::two_keys::{TwoKeys, forgeries_of};
use gatewright_application::ports::refresh_tokens::{GenuineRefreshToken, IssuedRefreshToken, RefreshTokens};
use gatewright_domain::session::session::SessionId;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashSet;

type Keys<'a> = TwoKeys<'a, dyn RefreshTokens + 'a>;

/// Runs every case on one adapter under two keys.
pub fn suite(ours: &dyn RefreshTokens, theirs: &dyn RefreshTokens) {
    let keys = TwoKeys { ours, theirs };
    check(a_first_token_is_read_back, keys);
    check(first_tokens_are_all_different, keys);
    check(a_successor_is_read_back, keys);
    check(a66_a_successor_is_the_same_at_every_call, keys);
    check(a_chain_of_successors_never_repeats, keys);
    check(successors_of_different_tokens_are_different, keys);
    check(a_spent_token_is_still_recognised, keys);
    check(a_forged_token_is_not_read, keys);
    check(what_is_no_token_is_not_read, keys);
    check(a_token_under_another_key_is_not_read, keys);
    check(a_successor_under_another_key_is_another, keys);
}

const SESSION: u32 = 7;

fn a_first_token_is_read_back(Keys { ours, .. }: Keys<'_>) {
    is_read_back(ours, &first(ours));
}

fn first_tokens_are_all_different(Keys { ours, .. }: Keys<'_>) {
    let tokens: Vec<IssuedRefreshToken> = (0..1000).map(|_| first(ours)).collect();
    let texts: HashSet<&str> = tokens.iter().map(|issued| issued.token.expose_secret()).collect();
    let digests: HashSet<[u8; 32]> = tokens.iter().map(|issued| issued.digest.0).collect();
    assert_eq!((texts.len(), digests.len()), (1000, 1000));
}

fn a_successor_is_read_back(Keys { ours, .. }: Keys<'_>) {
    let successor = ours.successor(&read(ours, &first(ours).token));
    is_read_back(ours, &successor);
}

fn a66_a_successor_is_the_same_at_every_call(Keys { ours, .. }: Keys<'_>) {
    let issued = first(ours);
    let successor = ours.successor(&read(ours, &issued.token));
    for _ in 0..10 {
        let again = ours.successor(&read(ours, &issued.token));
        assert_eq!(again.token.expose_secret(), successor.token.expose_secret());
        assert_eq!(again.digest, successor.digest);
    }
}

fn a_chain_of_successors_never_repeats(Keys { ours, .. }: Keys<'_>) {
    let mut current = first(ours);
    let (mut texts, mut digests) = (HashSet::new(), HashSet::new());
    for _ in 0..100 {
        assert!(texts.insert(current.token.expose_secret().to_owned()));
        assert!(digests.insert(current.digest.0));
        current = ours.successor(&read(ours, &current.token));
    }
}

fn successors_of_different_tokens_are_different(Keys { ours, .. }: Keys<'_>) {
    let [one, other] = [first(ours), first(ours)].map(|issued| ours.successor(&read(ours, &issued.token)));
    assert_ne!(one.token.expose_secret(), other.token.expose_secret());
    assert_ne!(one.digest, other.digest);
}

fn a_spent_token_is_still_recognised(Keys { ours, .. }: Keys<'_>) {
    let spent = first(ours);
    let mut current = ours.successor(&read(ours, &spent.token));
    for _ in 0..10 {
        current = ours.successor(&read(ours, &current.token));
    }
    is_read_back(ours, &spent);
}

fn a_forged_token_is_not_read(Keys { ours, .. }: Keys<'_>) {
    let issued = first(ours);
    for forged in forgeries_of(issued.token.expose_secret()) {
        assert!(ours.read(&forged.as_str().into()).is_none(), "{forged:?}");
    }
}

fn what_is_no_token_is_not_read(Keys { ours, .. }: Keys<'_>) {
    for text in [
        "",
        ".",
        "..",
        "token",
        "\u{1f680}",
        "v4.public.AAAA",
        &"A".repeat(100_000),
    ] {
        assert!(ours.read(&text.into()).is_none(), "{text:?}");
    }
}

fn a_token_under_another_key_is_not_read(Keys { ours, theirs }: Keys<'_>) {
    assert!(ours.read(&first(theirs).token).is_none());
    assert!(theirs.read(&first(ours).token).is_none());
}

fn a_successor_under_another_key_is_another(Keys { ours, theirs }: Keys<'_>) {
    let genuine = read(ours, &first(ours).token);
    let (known, foreign) = (ours.successor(&genuine), theirs.successor(&genuine));
    assert_ne!(known.token.expose_secret(), foreign.token.expose_secret());
}

fn first(tokens: &dyn RefreshTokens) -> IssuedRefreshToken {
    tokens.first(SessionId(id(SESSION)))
}

fn read(tokens: &dyn RefreshTokens, token: &SecretString) -> GenuineRefreshToken {
    tokens.read(token).expect("a token of our own making")
}

fn is_read_back(tokens: &dyn RefreshTokens, issued: &IssuedRefreshToken) {
    let genuine = read(tokens, &issued.token);
    assert_eq!(genuine.session, SessionId(id(SESSION)));
    assert_eq!(genuine.digest, issued.digest);
}
