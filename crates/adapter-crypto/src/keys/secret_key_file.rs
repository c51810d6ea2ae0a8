//! A secret of the service that is kept in a file.

use crate::keys::private_file;
use crate::keys::secret_key::{SecretKey, SecretKeyError};
use secrecy::SecretString;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a secret's file cannot be used.
#[derive(Debug, Error)]
pub enum SecretKeyFileError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What it says cannot be the secret.
    #[error("{path}: {fault}")]
    Secret {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: SecretKeyError,
    },
}

/// The secret in the file at `path`, made where there is none; of processes that do so at once, all get the
/// same one.
///
/// # Errors
/// [`SecretKeyFileError`].
pub fn load_or_create_secret_key(path: &Path) -> Result<SecretKey, SecretKeyFileError> {
    let text = read_or_create(path).map_err(|source| SecretKeyFileError::Io {
        path: path.to_owned(),
        source,
    })?;
    SecretKey::parse(&text).map_err(|fault| SecretKeyFileError::Secret {
        path: path.to_owned(),
        fault,
    })
}

fn read_or_create(path: &Path) -> io::Result<SecretString> {
    private_file::create_if_missing(path, SecretKey::generate)?;
    private_file::read(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_secret_is_made_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let made = load_or_create_secret_key(&path).unwrap();
        let found = load_or_create_secret_key(&path).unwrap();
        assert_eq!(made.derive("a"), found.derive("a"));
    }

    #[test]
    fn r13_a_weak_secret_in_a_file_is_refused_without_being_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "hunter2").unwrap();
        let error = load_or_create_secret_key(&path).unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
        assert!(matches!(error, SecretKeyFileError::Secret { .. }));
    }
}
