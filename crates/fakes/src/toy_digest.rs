//! A digest without any cryptography, for fakes.

use std::hash::{DefaultHasher, Hasher};

/// Mixes `parts` into 32 bytes; the same ones at every run.
pub(crate) fn toy_digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = [0; 32];
    for (lane, bytes) in digest.chunks_exact_mut(8).enumerate() {
        let mut hasher = DefaultHasher::new();
        hasher.write_usize(lane);
        for part in parts {
            hasher.write_usize(part.len());
            hasher.write(part);
        }
        bytes.copy_from_slice(&hasher.finish().to_be_bytes());
    }
    digest
}

/// `bytes` in hexadecimal.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.concat()
}

/// The bytes of a text that [`to_hex`] made.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
