//! One process of the server.

use crate::client::Client;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, mpsc};

/// A process that serves; it is killed when dropped.
pub struct Replica {
    child: Child,
    base_url: String,
    output: Arc<Mutex<String>>,
}

impl Replica {
    /// Starts `command` and waits until it says where it listens.
    ///
    /// # Panics
    /// Where it ends before.
    pub fn start(command: &mut Command) -> Self {
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
        }
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
        let status = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Waits for the process to end by itself.
    ///
    /// # Panics
    /// Where it cannot be waited for.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// A client of this process alone.
    pub fn client(&self) -> Client {
        Client::new(vec![self.base_url.clone()])
    }

    /// `http://127.0.0.1:<port>`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything it has printed and logged so far.
    ///
    /// # Panics
    /// Where a reader of the output panicked.
    pub fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }
}

impl Drop for Replica {
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
