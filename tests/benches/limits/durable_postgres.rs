//! A PostgreSQL of our own that keeps what it commits: the flush that the test suite's server does without is most of what
//! a refresh waits for.

use gatewright_private_servers::{PostgresServer, installed_postgres};
use std::path::{Path, PathBuf};
use std::process::Command;

/// In place of the test suite's settings, those of a server that is relied on: room for a million rows, and no checkpoint
/// in every round.
const SETTINGS: [&str; 8] = [
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "max_connections=200",
    "dynamic_shared_memory_type=posix",
    "shared_buffers=512MB",
    "max_wal_size=4GB",
    "checkpoint_timeout=15min",
];
/// Its log, where it can be read.
const LOG: [&str; 2] = ["logging_collector=on", "log_filename=bench.log"];

/// A PostgreSQL with durable settings; stopped when dropped.
pub(crate) struct DurablePostgres {
    server: PostgresServer,
    programs: PathBuf,
}

impl DurablePostgres {
    pub(crate) fn start() -> Self {
        #[expect(clippy::expect_used, reason = "there is nothing to measure without it")]
        let programs = installed_postgres().expect("PostgreSQL is installed; `cargo xtask services` sees to that");
        let settings: Vec<&str> = SETTINGS.into_iter().chain(LOG).collect();
        Self {
            server: PostgresServer::start(&programs, &settings).unwrap(),
            programs,
        }
    }

    /// Makes an empty database, and answers its URL.
    pub(crate) fn create_database(&self, name: &str) -> String {
        self.query(&self.server.url(), &format!("create database {name}"));
        let url = self.server.url();
        let (server, _) = url.rsplit_once('/').unwrap();
        format!("{server}/{name}")
    }

    /// What a statement answers, columns separated by `|`.
    pub(crate) fn query(&self, database: &str, statement: &str) -> String {
        output(self.psql(database).args(["-c", statement])).trim().to_owned()
    }

    /// Runs a script with these variables.
    pub(crate) fn run_script(&self, database: &str, script: &Path, variables: &[(&str, usize)]) {
        let mut psql = self.psql(database);
        for (name, value) in variables {
            psql.arg("-v").arg(format!("{name}={value}"));
        }
        output(psql.arg("-f").arg(script));
    }

    /// Runs pgbench on a database, and answers what it printed.
    pub(crate) fn pgbench(&self, database: &str, arguments: &[String]) -> String {
        output(
            Command::new(self.programs.join("pgbench"))
                .args(arguments)
                .arg(database),
        )
    }

    /// Everything it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.server.data().join("log/bench.log")).unwrap()
    }

    /// Its version and settings, and the file system it is on.
    pub(crate) fn describe(&self) -> String {
        let version = self.query(&self.server.url(), "show server_version");
        let file_system = output(Command::new("stat").args(["-f", "-c", "%T"]).arg(self.server.data()));
        format!("{version}, {} on {}", SETTINGS.join(" "), file_system.trim())
    }

    fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database]);
        psql
    }
}

/// Runs `command` to its end, and answers what it printed.
fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", command.get_program().display());
    String::from_utf8(output.stdout).unwrap()
}
