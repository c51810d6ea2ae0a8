//! The limit of what one needs PostgreSQL for: pgbench sending the server's own statements, prepared, over the same
//! loopback, from as many connections.

use crate::durable_postgres::DurablePostgres;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// What it sends.
#[derive(Clone, Copy)]
pub(crate) enum Script {
    /// The read of a bearer seen for the first time.
    Read,
    /// The read and the write of a refresh.
    Refresh,
}

impl Script {
    fn path(self) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/limits/pgbench");
        folder.join(match self {
            Self::Read => "read.sql",
            Self::Refresh => "refresh.sql",
        })
    }

    /// Its text.
    pub(crate) fn text(self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }
}

/// Transactions a second of `clients` connections, each on a session of its own, the last ones made.
pub(crate) fn rate(postgres: &DurablePostgres, database: &str, script: Script, clients: usize, time: Duration) -> f64 {
    let rotations = || -> u64 {
        let sum = postgres.query(database, "select sum(generation) from sessions");
        sum.parse().unwrap()
    };
    let before = rotations();
    let printed = postgres.pgbench(
        database,
        &[
            "--no-vacuum".to_owned(),
            "--protocol=prepared".to_owned(),
            "--jobs=2".to_owned(),
            "--define=ready=0".to_owned(),
            format!("--client={clients}"),
            format!("--time={}", time.as_secs()),
            format!("--file={}", script.path().display()),
        ],
    );
    if matches!(script, Script::Refresh) {
        let transactions: u64 = figure(&printed, "number of transactions actually processed: ");
        assert_eq!(
            rotations() - before,
            transactions,
            "not every transaction of pgbench wrote"
        );
    }
    figure(&printed, "tps = ")
}

fn figure<T: FromStr>(printed: &str, name: &str) -> T {
    let (_, rest) = printed.split_once(name).unwrap();
    let text = rest.split_whitespace().next().unwrap();
    text.parse().ok().unwrap()
}
