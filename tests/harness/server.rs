//! The real server binary, one process a test.

use crate::client::Client;
use crate::mailbox::Mailbox;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock, mpsc};
use tempfile::TempDir;

/// A running server; it is killed when dropped.
pub struct Server {
    child: Child,
    base_url: String,
    output: Arc<Mutex<String>>,
    data: Arc<TempDir>,
    settings: Vec<(String, String)>,
}

impl Server {
    /// A server with default settings on a fresh data directory.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A server with these settings on a fresh data directory.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn with(settings: &[(&str, &str)]) -> Self {
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Self::launch(Arc::new(tempfile::tempdir().unwrap()), settings)
    }

    /// Kills this server at once, as a loss of power would, and starts another on the same data.
    pub fn kill_and_restart(mut self) -> Self {
        self.kill();
        Self::launch(Arc::clone(&self.data), self.settings.clone())
    }

    /// Kills the process (SIGKILL) and waits for its end.
    ///
    /// # Panics
    /// Where it cannot be waited for.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// Asks the process to stop (SIGTERM).
    ///
    /// # Panics
    /// Where the signal cannot be sent.
    pub fn terminate(&self) {
        let status = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(status.unwrap().success());
    }

    /// Waits for the process to end by itself.
    ///
    /// # Panics
    /// Where it cannot be waited for.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// A client of this server.
    pub fn client(&self) -> Client {
        Client::new(&self.base_url)
    }

    /// `http://127.0.0.1:<port>`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The mails it sent.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox::new(self.data.path().join("mail"))
    }

    /// Its data directory.
    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// Everything it has printed and logged so far.
    ///
    /// # Panics
    /// Where a reader of the output panicked.
    pub fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// Another command of the same binary on the same data.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = gatewright(self.data.path());
        command
            .args(arguments)
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    fn launch(data: Arc<TempDir>, settings: Vec<(String, String)>) -> Self {
        let mut command = gatewright(data.path());
        command.envs(settings.iter().map(|(name, value)| (name, value)));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = Arc::new(Mutex::new(String::new()));
        let (found, address) = mpsc::channel();
        collect(child.stdout.take().unwrap(), Arc::clone(&output), found.clone());
        collect(child.stderr.take().unwrap(), Arc::clone(&output), found);
        let Ok(base_url) = address.recv() else {
            panic!("the server did not start: {}", output.lock().unwrap());
        };
        Self {
            child,
            base_url,
            output,
            data,
            settings,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Keeps every line, and reports the first address in them. The channel closes when the process ends.
fn collect(stream: impl Read + Send + 'static, output: Arc<Mutex<String>>, found: mpsc::Sender<String>) {
    std::thread::spawn(move || {
        let mut found = Some(found);
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if let Some(address) = address_in(&line)
                && let Some(found) = found.take()
            {
                let _ = found.send(address);
            }
            let _ = writeln!(output.lock().unwrap(), "{line}");
        }
    });
}

fn address_in(line: &str) -> Option<String> {
    let start = line.find("http://127.0.0.1:")?;
    let rest = line.get(start..)?;
    let scheme_and_host = "http://127.0.0.1:".len();
    let digits = rest
        .get(scheme_and_host..)?
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    rest.get(..scheme_and_host + digits).map(ToOwned::to_owned)
}

/// The binary, with an environment of its own.
pub fn gatewright(data_dir: &Path) -> Command {
    let mut command = Command::new(binary());
    command
        .env_clear()
        .current_dir(data_dir)
        .env("BIND", "127.0.0.1:0")
        .env("DATA_DIR", data_dir);
    command
}

/// Builds the server once, in the profile of the tests, and tells where it is.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        // The whole workspace, so that cargo chooses the features it has built already.
        build.args(["build", "--quiet", "--workspace", "--bin", "gatewright"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "the server does not build");
        let test = std::env::current_exe().unwrap();
        let profile = test
            .ancestors()
            .find(|folder| folder.ends_with("deps"))
            .and_then(Path::parent);
        profile.unwrap().join("gatewright")
    })
}
