//! A key ring that is kept in a file.

use crate::keys::key_ring::{KeyRing, KeyRingError};
use crate::keys::private_file::{self, FileStamp};
use crate::keys::shared_key_ring::SharedKeyRing;
use gatewright_domain::{Duration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, mem};
use thiserror::Error;

/// Says in the file what it is.
const HEADING: &str =
    "# Gatewright: the keys that sign access tokens. Keep them secret. Rotate: gatewright keys rotate\n";

/// A key ring in a file that several processes may share: each sees the others' rotations. Every call blocks on the
/// disk for a moment.
#[derive(Debug)]
pub struct KeyRingFile {
    path: PathBuf,
    ring: Arc<SharedKeyRing>,
    seen: Mutex<Seen>,
}

/// What the last look at the file found.
type Seen = Result<FileStamp, ErrorKind>;

/// Why a key ring file cannot be used.
#[derive(Debug, Error)]
pub enum KeyRingFileError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What it says is not a key ring.
    #[error("{path}: {fault}")]
    Ring {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: KeyRingError,
    },
}

impl KeyRingFile {
    /// Opens the ring at `path`.
    ///
    /// # Errors
    /// [`KeyRingFileError`], also where there is no file.
    pub fn open(path: PathBuf) -> Result<Self, KeyRingFileError> {
        let stamp = private_file::stamp(&path).map_err(|source| io_error(&path, source))?;
        let ring = read(&path)?;
        Ok(Self {
            path,
            ring: Arc::new(SharedKeyRing::new(ring)),
            seen: Mutex::new(Ok(stamp)),
        })
    }

    /// Opens the ring at `path`, and makes one with a new key where there is none; of processes that do so at
    /// once, all get the same one.
    ///
    /// # Errors
    /// [`KeyRingFileError`].
    pub fn open_or_create(path: PathBuf, now: Timestamp) -> Result<Self, KeyRingFileError> {
        private_file::create_if_missing(&path, || file_text(&KeyRing::generate(now)))
            .map_err(|source| io_error(&path, source))?;
        Self::open(path)
    }

    /// The ring in use; it follows every [`reload_if_changed`](Self::reload_if_changed) and
    /// [`rotate`](Self::rotate).
    #[must_use]
    pub fn ring(&self) -> Arc<SharedKeyRing> {
        Arc::clone(&self.ring)
    }

    /// Reads the file where it is another than at the last look, and says whether it was. One look costs one
    /// system call, so a task may look every second. At an error the ring in use stays, and the error is told
    /// once for each state of the file.
    ///
    /// # Errors
    /// [`KeyRingFileError`].
    pub fn reload_if_changed(&self) -> Result<bool, KeyRingFileError> {
        let found = private_file::stamp(&self.path);
        let state = found
            .as_ref()
            .map_or_else(|error| Err(error.kind()), |stamp| Ok(*stamp));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if mem::replace(&mut *seen, state) == state {
            return Ok(false);
        }
        found.map_err(|source| io_error(&self.path, source))?;
        self.ring.replace(read(&self.path)?);
        Ok(true)
    }

    /// Rotates: see [`KeyRing::rotated`]. Of two processes that do so at once the second goes on from what the first
    /// has written. Every process that polls has to have seen the new key before `activate_at`.
    ///
    /// # Errors
    /// [`KeyRingFileError`]; the file is then as it was.
    pub fn rotate(
        &self,
        now: Timestamp,
        activate_at: Timestamp,
        access_ttl: Duration,
    ) -> Result<Arc<KeyRing>, KeyRingFileError> {
        let _lock = self.lock()?;
        self.put(read(&self.path)?.rotated(now, activate_at, access_ttl))
    }

    /// Rotates where the newest key was made at `made_by` or before; `None` where it is younger. Of processes that do so at once one
    /// makes a key. A file that nobody may write is no error until its keys are that old.
    ///
    /// # Errors
    /// [`KeyRingFileError`]; the file is then as it was.
    pub fn rotate_if_made_by(
        &self,
        made_by: Timestamp,
        now: Timestamp,
        activate_at: Timestamp,
        access_ttl: Duration,
    ) -> Result<Option<Arc<KeyRing>>, KeyRingFileError> {
        if read(&self.path)?.newest_made_at() > Some(made_by) {
            return Ok(None);
        }
        let _lock = self.lock()?;
        // Somebody else may have been faster.
        let ring = read(&self.path)?;
        if ring.newest_made_at() > Some(made_by) {
            return Ok(None);
        }
        self.put(ring.rotated(now, activate_at, access_ttl)).map(Some)
    }

    fn lock(&self) -> Result<File, KeyRingFileError> {
        private_file::lock(&self.path).map_err(|source| io_error(&self.path, source))
    }

    /// Writes `ring` and takes it into use. The caller holds the lock.
    fn put(&self, ring: KeyRing) -> Result<Arc<KeyRing>, KeyRingFileError> {
        private_file::replace(&self.path, &file_text(&ring)).map_err(|source| io_error(&self.path, source))?;
        self.ring.replace(ring);
        Ok(self.ring.load())
    }
}

fn read(path: &Path) -> Result<KeyRing, KeyRingFileError> {
    let text = private_file::read(path).map_err(|source| io_error(path, source))?;
    KeyRing::parse(&text).map_err(|fault| KeyRingFileError::Ring {
        path: path.to_owned(),
        fault,
    })
}

fn file_text(ring: &KeyRing) -> SecretString {
    format!("{HEADING}{}", ring.to_text().expose_secret()).into()
}

fn io_error(path: &Path, source: io::Error) -> KeyRingFileError {
    KeyRingFileError::Io {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::key_ring::KeyState;
    use std::fs;
    use std::thread;
    use tempfile::TempDir;
    use time::macros::datetime;

    const NOW: Timestamp = datetime!(2026-03-01 12:00 UTC);
    const LATER: Timestamp = datetime!(2026-03-01 13:00 UTC);
    const TTL: Duration = Duration::minutes(15);

    fn open(folder: &TempDir) -> KeyRingFile {
        KeyRingFile::open_or_create(folder.path().join("keys/token-keys"), NOW).unwrap()
    }

    fn ids(file: &KeyRingFile) -> Vec<String> {
        file.ring()
            .load()
            .keys()
            .iter()
            .map(|key| key.id().to_owned())
            .collect()
    }

    #[test]
    fn a_ring_is_made_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(ids(&open(&folder)), ids(&open(&folder)));
    }

    #[test]
    fn a_ring_that_has_to_be_there_is_not_made_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token-keys");
        let error = KeyRingFile::open(path.clone()).unwrap_err();
        assert!(matches!(error, KeyRingFileError::Io { .. }));
        assert!(!path.exists());
    }

    #[test]
    fn f32_a_rotation_reaches_another_process_without_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (open(&folder), open(&folder));
        assert!(!there.reload_if_changed().unwrap());
        here.rotate(NOW, LATER, TTL).unwrap();
        assert!(there.reload_if_changed().unwrap());
        assert_eq!(ids(&there), ids(&here));
        assert!(!there.reload_if_changed().unwrap());
    }

    #[test]
    fn simultaneous_rotations_keep_every_key_that_may_have_signed() {
        let folder = tempfile::tempdir().unwrap();
        let first = ids(&open(&folder)).remove(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| open(&folder).rotate(NOW, LATER, TTL).unwrap());
            }
        });
        let file = open(&folder);
        let ring = file.ring().load();
        let states: Vec<KeyState> = ring.keys().iter().map(|key| ring.state(key, LATER)).collect();
        assert_eq!(states, [KeyState::Retired, KeyState::Signing]);
        assert_eq!(ring.keys()[0].id(), first);
    }

    #[test]
    fn a_broken_file_is_told_once_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = open(&folder);
        let before = ids(&file);
        fs::write(&file.path, "k4.secret.short").unwrap();
        let error = file.reload_if_changed().unwrap_err();
        assert!(!error.to_string().contains("short"));
        assert!(!file.reload_if_changed().unwrap());
        assert_eq!(ids(&file), before);
    }

    #[test]
    fn a_file_that_went_away_is_told_once_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = open(&folder);
        let before = ids(&file);
        let text = fs::read(&file.path).unwrap();
        fs::remove_file(&file.path).unwrap();
        assert!(file.reload_if_changed().is_err());
        assert!(!file.reload_if_changed().unwrap());
        assert!(file.rotate(NOW, LATER, TTL).is_err());
        assert_eq!(ids(&file), before);
        fs::write(&file.path, text).unwrap();
        assert!(file.reload_if_changed().unwrap());
    }
}
