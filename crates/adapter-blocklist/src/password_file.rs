//! Lists of passwords in files.

use crate::password_key::{key_of, key_of_sha1, listed_form};
use gatewright_domain::password::policy::LOWEST_MIN_LENGTH;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Most passwords read from a file: 225 MB of filter, and 4 GB while it is built.
pub const MAX_PASSWORDS: usize = 100_000_000;
/// Longest line of a file, in bytes; no password is longer.
pub const MAX_LINE_BYTES: usize = 4096;

/// What is wrong with a file of passwords. No message quotes the file.
#[derive(Debug, Error)]
pub enum PasswordFileError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line of a list of digests is something else.
    #[error("line {line} of {} is not a SHA-1 in hexadecimal, as the lines before it are", path.display())]
    NoDigest {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
    },
    /// A line is over [`MAX_LINE_BYTES`].
    #[error("line {line} of {} is longer than any password: is this a list of passwords?", path.display())]
    LongLine {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
    },
    /// There is nothing to block.
    #[error("{} holds no password of eight characters or more", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Over [`MAX_PASSWORDS`].
    #[error("{} holds more than {MAX_PASSWORDS} passwords; take the most common ones only", path.display())]
    TooMany {
        /// The file.
        path: PathBuf,
    },
    /// No filter could be built.
    #[error("cannot build a filter of {}: {reason}", path.display())]
    Filter {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
}

/// How a file lists passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// One a line.
    Text,
    /// One SHA-1 a line, in hexadecimal, with or without a colon and a count after it (Have I Been Pwned).
    Sha1,
}

/// The keys of all passwords in a file, sorted, each once. The first line that is not empty tells the format: a SHA-1,
/// and then maybe a colon and a count, means that every line is one; anything else means a password a line.
///
/// Passwords are taken in their [`listed_form`]; those too short for any policy, and those that are not UTF-8 and so
/// can never be entered, are passed over. Digests are taken as they are, so those of passwords with capitals meet only
/// the same capitals.
///
/// # Errors
/// See [`PasswordFileError`].
pub fn keys_in_file(path: &Path) -> Result<Vec<u64>, PasswordFileError> {
    let path = path.to_owned();
    let mut keys = match File::open(&path) {
        Ok(file) => keys_in_lines(BufReader::with_capacity(1 << 16, file), &path)?,
        Err(source) => return Err(PasswordFileError::Unreadable { path, source }),
    };
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() {
        return Err(PasswordFileError::Empty { path });
    }
    Ok(keys)
}

fn keys_in_lines(mut file: impl BufRead, path: &Path) -> Result<Vec<u64>, PasswordFileError> {
    let path = || path.to_owned();
    let mut keys = Vec::new();
    let mut format = None;
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        let read = file
            .by_ref()
            .take(MAX_LINE_BYTES as u64 + 1)
            .read_until(b'\n', &mut bytes);
        match read.map_err(|source| PasswordFileError::Unreadable { path: path(), source })? {
            0 => break,
            length if length > MAX_LINE_BYTES => return Err(PasswordFileError::LongLine { path: path(), line }),
            _ => {}
        }
        let text = bytes.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let digest = sha1_in(text);
        let format = *format.get_or_insert(if digest.is_some() { Format::Sha1 } else { Format::Text });
        match (format, digest) {
            (Format::Sha1, Some(digest)) => keys.push(key_of_sha1(digest)),
            (Format::Sha1, None) => return Err(PasswordFileError::NoDigest { path: path(), line }),
            (Format::Text, _) => keys.extend(str::from_utf8(text).ok().and_then(key_of_listed)),
        }
        if keys.len() > MAX_PASSWORDS {
            return Err(PasswordFileError::TooMany { path: path() });
        }
    }
    Ok(keys)
}

fn key_of_listed(password: &str) -> Option<u64> {
    let listed = listed_form(password);
    (listed.chars().count() >= LOWEST_MIN_LENGTH).then(|| key_of(&listed))
}

/// The digest in `SHA1` or `SHA1:count`.
fn sha1_in(line: &[u8]) -> Option<[u8; 20]> {
    let (hexadecimal, rest) = line.split_at_checked(40)?;
    if !hexadecimal.iter().all(u8::is_ascii_hexdigit) || !(rest.is_empty() || rest.starts_with(b":")) {
        return None;
    }
    let mut digest = [0; 20];
    for (byte, pair) in digest.iter_mut().zip(hexadecimal.chunks_exact(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}
