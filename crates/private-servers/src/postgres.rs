//! A PostgreSQL server.

use crate::account::Account;
use crate::ports::{HOST, free_port};
use crate::process::{Process, send_signal};
use crate::process_folder::ProcessFolder;
use crate::waiting::wait_until;
use std::fs;
use std::io;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const USER: &str = "gatewright";
const LOG: &str = "postgres.log";

/// How long it may take until it accepts connections; longer after a crash, when it first repeats its log.
const LONGEST_START: Duration = Duration::from_mins(1);

/// For a database that need not survive the machine, and for many tests at once.
const SETTINGS: [&str; 7] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=500",
    "dynamic_shared_memory_type=mmap",
    "unix_socket_directories=",
    "logging_collector=off",
];

/// A PostgreSQL server with an empty database, which listens on the loopback address. Its one account, a superuser,
/// has a password that nobody knows beforehand: other people of this machine could run commands through it.
pub struct PostgresServer {
    // In front of the folder, so that it ends before that is removed.
    process: Option<Process>,
    binaries: PathBuf,
    settings: Vec<String>,
    port: u16,
    password: String,
    account: Account,
    folder: ProcessFolder,
}

impl PostgresServer {
    /// Makes a database and starts a server with these settings (`max_connections=5`) besides those for tests.
    /// `binaries` is the folder of `initdb` and `postgres`. They run as another account where this process is root's.
    ///
    /// # Errors
    /// With the end of the server's log, where it does not start.
    pub fn start(binaries: &Path, settings: &[&str]) -> io::Result<Self> {
        let folder = ProcessFolder::new()?;
        let account = Account::unprivileged(folder.path())?;
        let password = random_password()?;
        make_database(binaries, &folder, account, &password)?;
        let mut server = Self {
            process: None,
            binaries: binaries.to_owned(),
            settings: settings.iter().map(|&setting| setting.to_owned()).collect(),
            port: free_port()?,
            password,
            account,
            folder,
        };
        server.start_again()?;
        Ok(server)
    }

    /// The URL of its database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://{USER}:{}@{HOST}:{}/postgres", self.password, self.port)
    }

    /// Where it listens, on the loopback address.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its data: `postgresql.conf`, `pg_hba.conf`.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        data_folder(&self.folder)
    }

    /// Starts it after [`stop`](Self::stop) or [`kill`](Self::kill), on the same port and data, and waits until it
    /// accepts connections.
    ///
    /// # Errors
    /// With the end of the server's log, where it does not start.
    pub fn start_again(&mut self) -> io::Result<()> {
        let mut command = Command::new(self.binaries.join("postgres"));
        command
            .arg("-D")
            .arg(self.data())
            .args(["-h", HOST, "-p", &self.port.to_string()])
            .current_dir(self.folder.path());
        for setting in SETTINGS.into_iter().chain(self.settings.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        // SIGQUIT is the immediate shutdown: nobody wants what is in there, and it leaves no shared memory behind.
        let mut process = self.folder.spawn_logged(self.account.run(&mut command), "QUIT", LOG)?;
        let pid = process.id();
        let mut has_ended = false;
        wait_until(LONGEST_START, || {
            has_ended = process.has_ended();
            has_ended || self.is_ready(pid)
        });
        if has_ended || !self.is_ready(pid) {
            let log = self.folder.end_of_log(LOG);
            return Err(io::Error::other(format!("PostgreSQL does not start:\n{log}")));
        }
        self.process = Some(process);
        Ok(())
    }

    /// Stops it in good order, as for an update: clients are cut off.
    ///
    /// # Errors
    /// Where it does not end.
    pub fn stop(&mut self) -> io::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.signal("INT")?;
            process.wait()?;
        }
        Ok(())
    }

    /// Kills all of its processes at once, as a crash of the machine would.
    ///
    /// # Errors
    /// Where it does not end.
    pub fn kill(&mut self) -> io::Result<()> {
        self.pause()?;
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        let children = children_of(process.id());
        for child in &children {
            let _ = send_signal("KILL", &child.to_string());
        }
        process.signal("KILL")?;
        process.wait()?;
        // The next start refuses while one of them still holds the shared memory.
        if wait_until(LONGEST_START, || {
            children.iter().all(|child| parent_of(*child).is_none())
        }) {
            Ok(())
        } else {
            Err(io::Error::other("a PostgreSQL process does not end"))
        }
    }

    /// Halts all of its processes (SIGSTOP): connections stay open, and nothing is answered. Needs Linux's `/proc`.
    ///
    /// # Errors
    /// Where a signal cannot be sent.
    pub fn pause(&mut self) -> io::Result<()> {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        // The parent first: it starts no more of them then.
        process.signal("STOP")?;
        for child in children_of(process.id()) {
            // One that has just ended is halted as well.
            let _ = send_signal("STOP", &child.to_string());
        }
        Ok(())
    }

    /// Lets it go on after [`pause`](Self::pause).
    ///
    /// # Errors
    /// Where a signal cannot be sent.
    pub fn resume(&mut self) -> io::Result<()> {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        for child in children_of(process.id()) {
            let _ = send_signal("CONT", &child.to_string());
        }
        process.signal("CONT")
    }

    /// Whether the server of that process id accepts connections, as it writes itself.
    fn is_ready(&self, pid: u32) -> bool {
        let written = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let mut lines = written.lines().map(str::trim);
        lines.next() == Some(&pid.to_string()) && lines.nth(6) == Some("ready")
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // Its processes may be halted, and the parent waits for the others.
        let _ = self.resume();
    }
}

fn data_folder(folder: &ProcessFolder) -> PathBuf {
    folder.path().join("postgres/data")
}

/// `initdb`, in a folder that the account owns.
fn make_database(binaries: &Path, folder: &ProcessFolder, account: Account, password: &str) -> io::Result<()> {
    let own = folder.path().join("postgres");
    let password_file = own.join("password");
    fs::create_dir(&own)?;
    fs::write(&password_file, password)?;
    account.own(&own)?;
    account.own(&password_file)?;
    let mut initdb = Command::new(binaries.join("initdb"));
    initdb
        .arg("-D")
        .arg(data_folder(folder))
        .args(["-U", USER, "--encoding=UTF8", "--locale=C", "--no-sync"])
        .arg("--pwfile")
        .arg(&password_file)
        // Clear text over the loopback address: the server works less for it than for SCRAM, and a test connects often.
        .args(["--auth-local=reject", "--auth-host=password"])
        .current_dir(&own)
        .stdin(Stdio::null());
    let Output { status, stdout, stderr } = account.run(&mut initdb).output()?;
    if status.success() {
        Ok(())
    } else {
        let said = [stdout, stderr].concat();
        let said = String::from_utf8_lossy(&said);
        Err(io::Error::other(format!("initdb ended with {status}:\n{said}")))
    }
}

/// 128 bits of the system's randomness, in hexadecimal digits.
fn random_password() -> io::Result<String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

/// The processes that `parent` started, as Linux tells.
fn children_of(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| parent_of(*pid) == Some(parent))
        .collect()
}

/// Whose child a process is (`proc_pid_stat(5)`); `None` for one that has ended.
fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace();
    let is_zombie = fields.next()? == "Z";
    let parent = fields.next()?.parse().ok()?;
    (!is_zombie).then_some(parent)
}
