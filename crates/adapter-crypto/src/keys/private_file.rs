//! Files that hold keys: readable by their owner alone, written whole or not at all.

use secrecy::{ExposeSecret, SecretString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use zeroize::Zeroizing;

/// Far more than any key file has; what is larger is none.
const MAX_BYTES: u64 = 1024 * 1024;

/// Tells two states of a file apart without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileStamp {
    modified: SystemTime,
    len: u64,
}

/// The stamp of the file at `path`.
pub(crate) fn stamp(path: &Path) -> io::Result<FileStamp> {
    let metadata = fs::metadata(path)?;
    Ok(FileStamp {
        modified: metadata.modified()?,
        len: metadata.len(),
    })
}

/// The text of the file at `path`.
pub(crate) fn read(path: &Path) -> io::Result<SecretString> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)?.take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(text.as_str().into())
}

/// Writes what `text` makes where there is no file at `path`; of processes that do so at once, one does.
pub(crate) fn create_if_missing(path: &Path, text: impl FnOnce() -> SecretString) -> io::Result<()> {
    if path.try_exists()? {
        return Ok(());
    }
    let _lock = lock(path)?;
    if path.try_exists()? {
        return Ok(());
    }
    replace(path, &text())
}

/// Writes `text` so that a reader, and whoever comes after a crash, finds the old file or the new one and
/// nothing between. The caller holds the [`lock`].
pub(crate) fn replace(path: &Path, text: &SecretString) -> io::Result<()> {
    let draft = beside(path, ".new");
    let mut file = private().write(true).create(true).truncate(true).open(&draft)?;
    file.write_all(text.expose_secret().as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_folder_of(path)
}

/// Keeps every other process from writing `path` until the answer is dropped. The operating system frees it
/// even where the process is killed. Makes the folder, for its owner alone, where it is missing.
pub(crate) fn lock(path: &Path) -> io::Result<File> {
    private_folder().recursive(true).create(folder_of(path))?;
    let file = private()
        .write(true)
        .create(true)
        .truncate(false)
        .open(beside(path, ".lock"))?;
    file.lock()?;
    Ok(file)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(unix)]
fn private_folder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut folder = DirBuilder::new();
    folder.mode(0o700);
    folder
}

#[cfg(unix)]
fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(not(unix))]
fn private_folder() -> DirBuilder {
    DirBuilder::new()
}

/// Other systems know no such thing; a rename there is as durable as they make it.
#[cfg(not(unix))]
fn sync_folder_of(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_its_stamp_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/keys");
        let held = lock(&path).unwrap();
        replace(&path, &"one".into()).unwrap();
        let before = stamp(&path).unwrap();
        replace(&path, &"three".into()).unwrap();
        drop(held);
        assert_eq!(read(&path).unwrap().expose_secret(), "three");
        assert_ne!(stamp(&path).unwrap(), before);
    }

    #[test]
    fn a_file_that_is_there_is_not_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        create_if_missing(&path, || "first".into()).unwrap();
        create_if_missing(&path, || "second".into()).unwrap();
        assert_eq!(read(&path).unwrap().expose_secret(), "first");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_what_is_written() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/ring");
        let _held = lock(&path).unwrap();
        replace(&path, &"secret".into()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(folder_of(&path)), 0o700);
    }

    #[test]
    fn the_lock_is_held_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let held = lock(&path).unwrap();
        let other = File::open(beside(&path, ".lock")).unwrap();
        assert!(other.try_lock().is_err());
        drop(held);
        assert!(other.try_lock().is_ok());
    }
}
