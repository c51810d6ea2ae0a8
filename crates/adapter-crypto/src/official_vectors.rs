//! The official test vectors of PASETO v4 and PASERK k4, where they lie beside the workspace.

use crate::access_tokens::paseto_access_tokens::PasetoAccessTokens;
use crate::hex::{decode, encode};
use crate::keys::key_ring::KeyRing;
use crate::keys::shared_key_ring::SharedKeyRing;
use crate::keys::signing_key::SigningKey;
use crate::system_clock::SystemClock;
use gatewright_application::ports::access_tokens::{AccessTokenFault, AccessTokens};
use gatewright_domain::Timestamp;
use pasetors::keys::{AsymmetricPublicKey, AsymmetricSecretKey, SymmetricKey};
use pasetors::paserk::{FormatAsPaserk, Id};
use pasetors::token::{Local, Public, UntrustedToken};
use pasetors::version4::{LocalToken, PublicToken, V4};
use serde::Deserialize;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/paseto");

#[derive(Deserialize)]
struct File {
    tests: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Vector {
    name: String,
    expect_fail: bool,
    key: Option<String>,
    public_key: Option<String>,
    secret_key: Option<String>,
    #[serde(default)]
    token: String,
    payload: Option<String>,
    #[serde(default)]
    footer: String,
    #[serde(default)]
    implicit_assertion: String,
    paserk: Option<String>,
}

/// The vectors of a file; none, said aloud, where the folder is missing.
fn vectors(file: &str) -> Vec<Vector> {
    let path = Path::new(FOLDER).join(file);
    if !Path::new(FOLDER).exists() {
        // Past the test harness, which shows what a passing test prints to nobody.
        writeln!(
            io::stderr(),
            "NOT RUN: the official vectors {file} are not in ../shared/data/paseto"
        )
        .unwrap();
        return Vec::new();
    }
    let file: File = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert!(!file.tests.is_empty());
    file.tests
}

/// What the vector's token says, by the key the vector has; for one that must fail, by any key it could have.
fn opened(vector: &Vector) -> Option<String> {
    let (footer, assertion) = (vector.footer.as_bytes(), vector.implicit_assertion.as_bytes());
    let footer = (!footer.is_empty()).then_some(footer);
    let trusted = if let Some(key) = &vector.key {
        let key = SymmetricKey::<V4>::from(&decode(key)).ok()?;
        let token = UntrustedToken::<Local, V4>::try_from(&vector.token).ok()?;
        LocalToken::decrypt(&key, &token, footer, Some(assertion)).ok()?
    } else {
        let key = AsymmetricPublicKey::<V4>::from(&decode(vector.public_key.as_ref()?)).ok()?;
        let token = UntrustedToken::<Public, V4>::try_from(&vector.token).ok()?;
        PublicToken::verify(&key, &token, footer, Some(assertion)).ok()?
    };
    Some(trusted.payload().to_owned())
}

#[test]
fn official_paseto_v4_vectors_hold_where_they_are_here() {
    for vector in vectors("v4.json") {
        let payload = opened(&vector);
        assert_eq!(payload.is_none(), vector.expect_fail, "{}", vector.name);
        assert_eq!(payload, vector.payload, "{}", vector.name);
    }
}

#[test]
fn official_v4_public_vectors_are_signed_alike_where_they_are_here() {
    for vector in vectors("v4.json").into_iter().filter(|vector| !vector.expect_fail) {
        let Some(secret) = &vector.secret_key else { continue };
        let secret = AsymmetricSecretKey::<V4>::from(&decode(secret)).unwrap();
        let (footer, assertion) = (vector.footer.as_bytes(), vector.implicit_assertion.as_bytes());
        let payload = vector.payload.as_ref().unwrap();
        let token = PublicToken::sign(&secret, payload.as_bytes(), Some(footer), Some(assertion)).unwrap();
        assert_eq!(token, vector.token, "{}", vector.name);
    }
}

#[test]
fn a73_no_official_vector_is_an_access_token_of_ours() {
    let keys = Arc::new(SharedKeyRing::new(KeyRing::generate(Timestamp::UNIX_EPOCH)));
    let service = PasetoAccessTokens::new(keys, "issuer".into(), "audience".into(), Arc::new(SystemClock));
    for vector in vectors("v4.json") {
        let verdict = service.verify(&vector.token, Timestamp::UNIX_EPOCH);
        assert_eq!(verdict, Err(AccessTokenFault::Invalid), "{}", vector.name);
    }
}

/// Checks that `write` makes the text of every key in a file, and of none that must fail.
fn check_writing(file: &str, write: impl Fn(&[u8]) -> Option<String>) {
    for vector in vectors(file).into_iter().filter(|vector| !is_key_of_zeros(vector)) {
        let written = vector.key.as_deref().and_then(|key| write(&decode(key)));
        let expected = vector.paserk.filter(|_| !vector.expect_fail);
        assert_eq!(written, expected, "{}", vector.name);
    }
}

/// Checks that `read` finds the key in every text of a file, and none where it must fail.
fn check_reading(file: &str, read: impl Fn(&str) -> Option<Vec<u8>>) {
    for vector in vectors(file).into_iter().filter(|vector| !is_key_of_zeros(vector)) {
        let found = vector.paserk.as_deref().and_then(&read);
        let expected = vector.key.filter(|_| !vector.expect_fail);
        assert_eq!(found.map(|key| encode(&key)), expected, "{}", vector.name);
    }
}

/// A secret key of zeros is one that the library panics at; `SigningKey` refuses it before.
fn is_key_of_zeros(vector: &Vector) -> bool {
    let key = vector.key.as_deref().unwrap_or_default();
    key.len() == 128 && key.starts_with(&"0".repeat(64))
}

fn text(key: &impl FormatAsPaserk) -> String {
    let mut text = String::new();
    FormatAsPaserk::fmt(key, &mut text).unwrap();
    text
}

fn local(key: &[u8]) -> Option<SymmetricKey<V4>> {
    SymmetricKey::from(key).ok()
}

fn public(key: &[u8]) -> Option<AsymmetricPublicKey<V4>> {
    AsymmetricPublicKey::from(key).ok()
}

fn secret(key: &[u8]) -> Option<AsymmetricSecretKey<V4>> {
    AsymmetricSecretKey::from(key).ok()
}

#[test]
fn official_paserk_keys_are_written_alike_where_they_are_here() {
    check_writing("k4.local.json", |key| local(key).as_ref().map(text));
    check_writing("k4.public.json", |key| public(key).as_ref().map(text));
    check_writing("k4.secret.json", |key| secret(key).as_ref().map(text));
}

#[test]
fn official_paserk_ids_are_written_alike_where_they_are_here() {
    check_writing("k4.lid.json", |key| local(key).map(|key| text(&Id::from(&key))));
    check_writing("k4.pid.json", |key| public(key).map(|key| text(&Id::from(&key))));
    check_writing("k4.sid.json", |key| secret(key).map(|key| text(&Id::from(&key))));
}

#[test]
fn official_paserk_keys_are_read_where_they_are_here() {
    check_reading("k4.local.json", |paserk| {
        SymmetricKey::<V4>::try_from(paserk)
            .ok()
            .map(|key| key.as_bytes().to_vec())
    });
    check_reading("k4.public.json", |paserk| {
        AsymmetricPublicKey::<V4>::try_from(paserk)
            .ok()
            .map(|key| key.as_bytes().to_vec())
    });
    check_reading("k4.secret.json", |paserk| {
        AsymmetricSecretKey::<V4>::try_from(paserk)
            .ok()
            .map(|key| key.as_bytes().to_vec())
    });
}

#[test]
fn r13_no_official_secret_key_can_be_configured() {
    for vector in vectors("k4.secret.json") {
        let paserk = vector.paserk.unwrap_or_default();
        assert!(SigningKey::parse(&paserk).is_err(), "{}", vector.name);
    }
}
