//! A child process in a group of its own.

use crate::waiting::wait_until;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

/// How long a process may take to end before it is killed.
const LONGEST_END: Duration = Duration::from_secs(10);

/// A child process, ended when dropped.
pub struct Process {
    child: Child,
    end_signal: &'static str,
    record: PathBuf,
    is_reaped: bool,
}

impl Process {
    /// The folder in which running processes are recorded for the keeper of a `ProcessFolder`.
    pub(crate) const RECORDS: &'static str = "processes";

    pub(crate) fn spawn(command: &mut Command, end_signal: &'static str, folder: &Path) -> io::Result<Self> {
        let child = command.process_group(0).spawn()?;
        let record = folder.join(Self::RECORDS).join(child.id().to_string());
        let process = Self {
            child,
            end_signal,
            record,
            is_reaped: false,
        };
        fs::write(&process.record, end_signal)?;
        Ok(process)
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, by name as `STOP`, unless it has ended.
    ///
    /// # Errors
    /// Where the signal cannot be sent.
    pub fn signal(&mut self, signal: &str) -> io::Result<()> {
        if self.has_ended() {
            return Ok(());
        }
        send_signal(signal, &self.id().to_string())
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        let has_ended = self.is_reaped || !matches!(self.child.try_wait(), Ok(None));
        if has_ended {
            self.forget();
        }
        has_ended
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// Where it cannot be waited for.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait()?;
        self.forget();
        Ok(status)
    }

    /// Ends it in good order, and by force where that takes too long.
    ///
    /// # Errors
    /// Where it cannot be ended.
    pub fn end(&mut self) -> io::Result<()> {
        self.signal("CONT")?;
        self.signal(self.end_signal)?;
        if !wait_until(LONGEST_END, || self.has_ended()) {
            send_signal("KILL", &format!("-{}", self.id()))?;
            self.wait()?;
        }
        Ok(())
    }

    /// An id that is free may become another process's.
    fn forget(&mut self) {
        self.is_reaped = true;
        let _ = fs::remove_file(&self.record);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // What does not end now does when its folder is dropped.
        let _ = self.end();
    }
}

/// `kill(1)`, which every shell has built in. `target` is a process id, or `-` and a process group's.
pub(crate) fn send_signal(signal: &str, target: &str) -> io::Result<()> {
    let status = Command::new("sh")
        .args(["-c", r#"kill -s "$0" -- "$1" 2>/dev/null"#, signal, target])
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("{signal} cannot be sent to {target}")))
    }
}
