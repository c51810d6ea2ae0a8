//! Builds the embedded filter again; `data/README.md` tells where the lists come from.
//!
//! `build_filter <common.txt> <further.txt> <filter>`: both lists hold one password a line, the first one with the
//! most common passwords first.

mod obvious_passwords;

use gatewright_adapter_blocklist::embedded_filter::write_filter;
use gatewright_adapter_blocklist::password_key::{key_of, listed_form};
use gatewright_domain::password::password::MAX_PASSWORD_CHARS;
use gatewright_domain::password::policy::{LOWEST_MIN_LENGTH, NIST_MIN_LENGTH};
use obvious_passwords::obvious_passwords;
use std::collections::BTreeSet;
use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use xorf::{BinaryFuse16, Filter};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [common, further, target] = paths.as_slice() else {
        return Err("usage: build_filter <common.txt> <further.txt> <filter>".into());
    };
    let (common, further) = (passwords_in(common)?, passwords_in(further)?);
    let chosen = [
        (
            "common",
            keys_of(common.iter().filter(|password| is_long_enough(password))),
        ),
        (
            "further",
            keys_of(further.iter().filter(|password| fits_a_default_policy(password))),
        ),
        (
            "obvious",
            keys_of(
                obvious_passwords(&common)
                    .iter()
                    .filter(|password| is_long_enough(password)),
            ),
        ),
    ];
    let keys: BTreeSet<u64> = chosen.iter().flat_map(|(_, keys)| keys).copied().collect();
    for (kind, of_kind) in &chosen {
        println!("{kind}: {}", of_kind.len());
    }
    println!("together: {}", keys.len());
    let keys: Vec<u64> = keys.into_iter().collect();
    let filter = BinaryFuse16::try_from(&keys)?;
    if !keys.iter().all(|key| filter.contains(key)) {
        return Err("the filter misses a password".into());
    }
    Ok(write_filter(&filter, keys.len() as u64, File::create(target)?)?)
}

/// The passwords of a list, without those that are no text.
fn passwords_in(path: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = bytes.split(|byte| *byte == b'\n');
    let texts = lines.filter_map(|line| str::from_utf8(line).ok()).map(listed_form);
    Ok(texts
        .filter(|text| !text.is_empty() && !text.contains(char::REPLACEMENT_CHARACTER))
        .collect())
}

fn keys_of<'a>(passwords: impl Iterator<Item = &'a String>) -> BTreeSet<u64> {
    passwords.map(|password| key_of(password)).collect()
}

fn is_long_enough(password: &str) -> bool {
    (LOWEST_MIN_LENGTH..=MAX_PASSWORD_CHARS).contains(&password.chars().count())
}

/// Whether the default policies could accept the password: it is long, or made of all kinds of characters (capitals are
/// not asked for here, since the list is in lower case).
fn fits_a_default_policy(password: &str) -> bool {
    let is_long = password.chars().count() >= NIST_MIN_LENGTH;
    let is_composed = password.chars().any(char::is_alphabetic)
        && password.chars().any(char::is_numeric)
        && !password.chars().all(char::is_alphanumeric);
    is_long_enough(password) && (is_long || is_composed)
}
