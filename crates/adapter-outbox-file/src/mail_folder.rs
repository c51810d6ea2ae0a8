//! The directory that mails are written to and read from.

use crate::stored_mail::{FileName, StoredMail};
use gatewright_application::mail::outbox_mail::MailId;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::spawn_blocking;

/// What is read of a file at most, in bytes; our own mails have some thousand.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Tells apart the temporary files of one process.
static TEMPORARY_FILES: AtomicU64 = AtomicU64::new(0);

/// A directory of mails, for its owner alone: mails hold codes and links.
#[derive(Debug, Clone)]
pub struct MailFolder {
    directory: PathBuf,
}

impl MailFolder {
    /// The folder in this directory, which is made when the first mail comes.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The newest mails, newest first, `limit` at most. Files that are no mails of ours are passed over.
    ///
    /// # Errors
    /// Where the directory cannot be read; a directory that does not exist yet holds no mails.
    pub async fn newest(&self, limit: usize) -> io::Result<Vec<StoredMail>> {
        self.blocking(move |folder| {
            let mut names = folder.names()?;
            names.sort_unstable_by(|a, b| b.cmp(a));
            names.truncate(limit);
            Ok(names.into_iter().filter_map(|name| folder.read(name).ok()?).collect())
        })
        .await
    }

    /// The mail with this id.
    ///
    /// # Errors
    /// Where the directory or the file cannot be read.
    pub async fn find(&self, id: MailId) -> io::Result<Option<StoredMail>> {
        self.blocking(move |folder| {
            let name = folder.names()?.into_iter().find(|name| name.id == id);
            name.map_or(Ok(None), |name| folder.read(name))
        })
        .await
    }

    /// Writes a mail's file whole or not at all. A file that is there already is the same mail, and is left alone.
    pub(crate) async fn store(&self, name: FileName, message: Vec<u8>) -> io::Result<()> {
        self.blocking(move |folder| {
            let path = folder.directory.join(name.to_string());
            if path.exists() {
                return Ok(());
            }
            let temporary = folder.temporary_path();
            let written = folder
                .create(&temporary)
                .and_then(|mut file| file.write_all(&message).and_then(|()| file.sync_all()))
                .and_then(|()| fs::rename(&temporary, &path));
            if written.is_err() {
                // What went wrong first is what the caller has to know.
                let _ = fs::remove_file(&temporary);
            }
            written
        })
        .await
    }

    /// Shows that a mail could be written.
    pub(crate) async fn probe(&self) -> io::Result<()> {
        self.blocking(|folder| {
            let temporary = folder.temporary_path();
            folder.create(&temporary)?;
            fs::remove_file(&temporary)
        })
        .await
    }

    fn names(&self) -> io::Result<Vec<FileName>> {
        let entries = match fs::read_dir(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let names = entries.map(|entry| Ok(entry?.file_name().to_str().and_then(FileName::parse)));
        names.filter_map(Result::transpose).collect()
    }

    fn read(&self, name: FileName) -> io::Result<Option<StoredMail>> {
        let mut message = Vec::new();
        File::open(self.directory.join(name.to_string()))?
            .take(MAX_FILE_BYTES)
            .read_to_end(&mut message)?;
        Ok(StoredMail::read(name, &message))
    }

    fn temporary_path(&self) -> PathBuf {
        let count = TEMPORARY_FILES.fetch_add(1, Ordering::Relaxed);
        self.directory.join(format!(".{}-{count}.tmp", std::process::id()))
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        let mut directory = DirBuilder::new();
        let mut file = OpenOptions::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
            directory.mode(0o700);
            file.mode(0o600);
        }
        directory.recursive(true).create(&self.directory)?;
        file.write(true).create(true).truncate(true).open(path)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let folder = self.clone();
        spawn_blocking(move || work(&folder)).await?
    }
}
