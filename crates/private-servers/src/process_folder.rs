//! A temporary folder and the processes that live in it.

use crate::process::Process;
use std::env;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Ends what is left when the reading end of its pipe says that whoever started it is gone, in whatever way.
const KEEPER: &str = include_str!("process_folder_keeper.sh");

/// A temporary folder that is removed when this is dropped, and the processes started from it.
///
/// Destructors do not run in a process that is interrupted or killed. So a small shell script in a process group of
/// its own waits on a pipe whose other end this process holds, and ends every process and removes the folder once
/// that end is closed: by the destructor, or by the system when this process ends.
pub struct ProcessFolder {
    path: PathBuf,
    keeper: Child,
}

impl ProcessFolder {
    /// An empty folder.
    ///
    /// # Errors
    /// Where it cannot be made, or there is no `sh`.
    pub fn new() -> io::Result<Self> {
        let path = new_folder(&env::temp_dir())?;
        fs::create_dir(path.join(Process::RECORDS))?;
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&path)
            .arg(Process::RECORDS)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self { path, keeper })
    }

    /// Where it is; everybody may look into it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts `command` in a process group of its own, to be ended by `end_signal`, a name as `INT`. What it prints
    /// goes to the file `log`, here.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn spawn_logged(&self, command: &mut Command, end_signal: &'static str, log: &str) -> io::Result<Process> {
        let log_file = File::options().create(true).append(true).open(self.path.join(log))?;
        command
            .stdin(Stdio::null())
            .stdout(log_file.try_clone()?)
            .stderr(log_file);
        self.spawn(command, end_signal)
    }

    /// The same for a process that has its input and output already.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn spawn(&self, command: &mut Command, end_signal: &'static str) -> io::Result<Process> {
        Process::spawn(command, end_signal, &self.path)
    }

    /// The last lines of a log, for an error's text.
    #[must_use]
    pub fn end_of_log(&self, log: &str) -> String {
        let text = fs::read_to_string(self.path.join(log)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines
            .get(lines.len().saturating_sub(10)..)
            .unwrap_or_default()
            .join("\n")
    }
}

impl Drop for ProcessFolder {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // Without a keeper the folder stays, which is no reason to fail.
        let _ = self.keeper.wait();
    }
}

/// A folder with a new name below `parent`.
fn new_folder(parent: &Path) -> io::Result<PathBuf> {
    let mut number = 0_u32;
    loop {
        let path = parent.join(format!("gatewright-{}-{number}", std::process::id()));
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}
