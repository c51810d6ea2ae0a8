//! The contracts of the ports, kept by this crate.

#![expect(clippy::unwrap_used, reason = "what cannot be set up cannot be tried")]

use gatewright_adapter_crypto::{
    Argon2PasswordHasher, Argon2Profile, HashSettings, HmacRefreshTokens, KeyFileRotation, KeyRing, KeyRingFile,
    KeyedDigests, OsSecrets, PasetoAccessTokens, PasetoMailSealer, SecretKey, SecretKeys, SharedKeyRing, SystemClock,
};
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::signing_key_rotation::SigningKeyRotation;
use gatewright_contract::samples::NOON;
use gatewright_domain::{Duration as Span, Timestamp};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

fn secret_key() -> SecretKey {
    SecretKey::parse(&SecretKey::generate()).unwrap()
}

fn secret_keys() -> SecretKeys {
    SecretKeys::only(secret_key())
}

fn access_tokens(now: Timestamp) -> PasetoAccessTokens {
    let keys = Arc::new(SharedKeyRing::new(KeyRing::generate(now)));
    let (issuer, audience) = ("https://id.example.org".to_owned(), "example".to_owned());
    PasetoAccessTokens::new(keys, issuer, audience, Arc::new(SystemClock))
}

fn hasher(settings: HashSettings) -> Arc<Argon2PasswordHasher> {
    Arc::new(Argon2PasswordHasher::start(settings).unwrap())
}

#[test]
fn access_tokens_keep_the_contract() {
    let now = SystemClock.now();
    gatewright_contract::access_tokens::suite(&access_tokens(now), &access_tokens(now), now);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_key_rotation_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let number = AtomicU32::new(0);
    let fresh = || async {
        let name = number.fetch_add(1, Ordering::Relaxed).to_string();
        let file = KeyRingFile::open_or_create(folder.path().join(name), NOON).unwrap();
        Arc::new(KeyFileRotation::new(Arc::new(file), Span::minutes(15))) as Arc<dyn SigningKeyRotation>
    };
    gatewright_contract::signing_key_rotation::suite(fresh).await;
}

#[test]
fn the_clock_keeps_the_contract() {
    gatewright_contract::clock::suite(&SystemClock);
}

#[test]
fn digests_keep_the_contract() {
    gatewright_contract::digests::suite(&KeyedDigests::new(&secret_key()), &KeyedDigests::new(&secret_key()));
}

#[test]
fn the_mail_sealer_keeps_the_contract() {
    let (ours, theirs) = (
        PasetoMailSealer::new(&secret_keys()),
        PasetoMailSealer::new(&secret_keys()),
    );
    gatewright_contract::mail_sealer::suite(&ours, &theirs);
}

#[test]
fn refresh_tokens_keep_the_contract() {
    let (ours, theirs) = (
        HmacRefreshTokens::new(&secret_keys()),
        HmacRefreshTokens::new(&secret_keys()),
    );
    gatewright_contract::refresh_tokens::suite(&ours, &theirs);
}

#[test]
fn secrets_keep_the_contract() {
    gatewright_contract::secrets::suite(&OsSecrets);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_hasher_keeps_the_contract() {
    let current = HashSettings {
        profile: Argon2Profile::insecure_for_tests(),
        ..HashSettings::default()
    };
    gatewright_contract::password_hasher::suite(hasher(current), hasher(HashSettings::default())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_hasher_keeps_its_work_within_bounds() {
    let narrow = HashSettings {
        threads: NonZeroUsize::MIN,
        queue: 2,
        wait: Duration::from_mins(1),
        ..HashSettings::default()
    };
    gatewright_contract::password_hasher::suite_of_work(hasher(narrow), 32).await;
}
