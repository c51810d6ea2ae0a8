//! Refresh tokens that authenticate themselves.

use crate::keys::mac_key::MacKey;
use crate::keys::secret_key::{SecretKey, SecretKeys};
use crate::os_random::random_bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatewright_application::ports::refresh_tokens::{GenuineRefreshToken, IssuedRefreshToken, RefreshTokens};
use gatewright_domain::session::session::{RefreshTokenDigest, SessionId};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::iter;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

const SESSION_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;
const TAG_BYTES: usize = 16;
const TOKEN_BYTES: usize = SESSION_BYTES + SECRET_BYTES + TAG_BYTES;

/// A token is the base64url of its session (16 bytes), a secret (32 bytes) and a tag (16 bytes) that only this
/// service can make. The first secret is random, each successor follows from the one before it under a key, and
/// what is stored of a token is a digest of session and secret.
#[derive(Debug)]
pub struct HmacRefreshTokens {
    current: TokenKeys,
    previous: Vec<TokenKeys>,
}

/// The keys that one secret of the service gives.
#[derive(Debug)]
struct TokenKeys {
    tag: MacKey,
    successor: MacKey,
}

impl TokenKeys {
    fn of(key: &SecretKey) -> Self {
        Self {
            tag: key.derive_mac_key("refresh token: tag"),
            successor: key.derive_mac_key("refresh token: successor"),
        }
    }

    fn tag(&self, session: SessionId, secret: &[u8]) -> [u8; TAG_BYTES] {
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&self.tag.mac(&[session.0.as_bytes(), secret])[..TAG_BYTES]);
        tag
    }
}

impl HmacRefreshTokens {
    /// Tokens are made under the current secret; those made under earlier ones are still read.
    #[must_use]
    pub fn new(keys: &SecretKeys) -> Self {
        Self {
            current: TokenKeys::of(&keys.current),
            previous: keys.previous.iter().map(TokenKeys::of).collect(),
        }
    }

    fn issue(&self, session: SessionId, secret: &[u8]) -> IssuedRefreshToken {
        let tag = self.current.tag(session, secret);
        let bytes = Zeroizing::new([session.0.as_bytes(), secret, &tag].concat());
        IssuedRefreshToken {
            token: URL_SAFE_NO_PAD.encode(bytes.as_slice()).into(),
            digest: digest(session, secret),
        }
    }
}

impl RefreshTokens for HmacRefreshTokens {
    fn first(&self, session: SessionId) -> IssuedRefreshToken {
        let secret = Zeroizing::new(random_bytes::<SECRET_BYTES>());
        self.issue(session, secret.as_slice())
    }

    fn read(&self, token: &SecretString) -> Option<GenuineRefreshToken> {
        let bytes = decode(token.expose_secret())?;
        let (session, rest) = bytes.split_first_chunk::<SESSION_BYTES>()?;
        let (secret, tag) = rest.split_first_chunk::<SECRET_BYTES>()?;
        let session = SessionId(Uuid::from_bytes(*session));
        let maker = iter::once(&self.current)
            .chain(&self.previous)
            .find(|keys| keys.tag(session, secret).ct_eq(tag).into())?;
        // The successor's secret is derived here, under the keys that made this token: so it stays the same
        // when the service's secret is changed between two answers to one request.
        let successor = maker.successor.mac(&[session.0.as_bytes(), secret]);
        Some(GenuineRefreshToken {
            session,
            digest: digest(session, secret),
            successor_secret: successor.to_vec().into(),
        })
    }

    fn successor(&self, token: &GenuineRefreshToken) -> IssuedRefreshToken {
        self.issue(token.session, token.successor_secret.expose_secret())
    }
}

/// The bytes of a token; `None` for a text of another length or alphabet.
fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    if text.len() != (TOKEN_BYTES * 8).div_ceil(6) {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text).ok().map(Zeroizing::new)
}

fn digest(session: SessionId, secret: &[u8]) -> RefreshTokenDigest {
    let mut hash = Sha256::new_with_prefix(b"gatewright refresh token digest:");
    hash.update(session.0.as_bytes());
    hash.update(secret);
    RefreshTokenDigest(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SESSION: SessionId = SessionId(Uuid::from_u128(7));

    fn secret_key() -> SecretKey {
        SecretKey::parse(&SecretKey::generate()).unwrap()
    }

    fn tokens() -> HmacRefreshTokens {
        HmacRefreshTokens::new(&SecretKeys::only(secret_key()))
    }

    fn read(tokens: &HmacRefreshTokens, text: &str) -> Option<GenuineRefreshToken> {
        tokens.read(&text.into())
    }

    #[test]
    fn a_token_names_its_session_and_its_digest() {
        let tokens = tokens();
        let issued = tokens.first(SESSION);
        let genuine = tokens.read(&issued.token).unwrap();
        assert_eq!((genuine.session, genuine.digest), (SESSION, issued.digest));
        assert_ne!(issued.digest, tokens.first(SESSION).digest);
    }

    #[test]
    fn a66_the_successor_is_the_same_at_every_call() {
        let tokens = tokens();
        let genuine = tokens.read(&tokens.first(SESSION).token).unwrap();
        let (one, two) = (tokens.successor(&genuine), tokens.successor(&genuine));
        assert_eq!(one.token.expose_secret(), two.token.expose_secret());
        let next = tokens.read(&one.token).unwrap();
        assert_eq!((next.session, next.digest), (SESSION, one.digest));
        assert_ne!(next.digest, genuine.digest);
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let tokens = tokens();
        let bytes = decode(tokens.first(SESSION).token.expose_secret()).unwrap();
        for bit in 0..TOKEN_BYTES * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&tokens, &URL_SAFE_NO_PAD.encode(changed)).is_none(), "bit {bit}");
        }
    }

    #[test]
    fn a_token_made_under_another_secret_is_not_genuine() {
        assert!(tokens().read(&tokens().first(SESSION).token).is_none());
    }

    #[test]
    fn tokens_outlive_a_change_of_the_secret_and_so_do_their_successors() {
        let (old, new) = (secret_key(), secret_key());
        let before = HmacRefreshTokens::new(&SecretKeys::only(old.clone()));
        let after = HmacRefreshTokens::new(&SecretKeys {
            current: new.clone(),
            previous: vec![old],
        });
        let token = before.first(SESSION).token;
        let promised = before.successor(&before.read(&token).unwrap());
        let given = after.successor(&after.read(&token).unwrap());
        assert_eq!(given.digest, promised.digest);
        let afterwards = HmacRefreshTokens::new(&SecretKeys::only(new));
        assert!(afterwards.read(&given.token).is_some());
        assert!(afterwards.read(&promised.token).is_none());
    }

    #[test]
    fn a_token_has_one_spelling() {
        let tokens = tokens();
        let text = tokens.first(SESSION).token.expose_secret().to_owned();
        for other in [
            format!("{text}="),
            format!(" {text}"),
            format!("{text}\n"),
            text[..85].to_owned(),
        ] {
            assert!(read(&tokens, &other).is_none(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_no_token(text in "\\PC{0,100}|[A-Za-z0-9_-]{86}") {
            prop_assert!(read(&tokens(), &text).is_none());
        }
    }
}
