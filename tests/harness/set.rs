//! What the whole-server suite runs its servers on.

use std::env;
use std::io::{self, Write as _};

/// Chooses the set by its name.
const VARIABLE: &str = "GATEWRIGHT_TEST_SET";

/// A way to run the product. `cargo xtask test` runs the suite once for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// One server on SQLite.
    Sqlite,
    /// One server on PostgreSQL and Redis.
    Postgres,
    /// Two servers on one PostgreSQL and one Redis, which get a client's requests in turn.
    Replicas,
}

impl Set {
    /// The one that the environment names; SQLite where it names none.
    ///
    /// # Panics
    /// Where it names another.
    pub fn chosen() -> Self {
        let name = env::var_os(VARIABLE).unwrap_or_else(|| "sqlite".into());
        match name.to_str() {
            Some("sqlite") => Self::Sqlite,
            Some("postgres") => Self::Postgres,
            Some("replicas") => Self::Replicas,
            _ => panic!("{VARIABLE} is sqlite, postgres or replicas, and not {}", name.display()),
        }
    }

    /// How many servers a test runs.
    pub fn replicas(self) -> usize {
        if self == Self::Replicas { 2 } else { 1 }
    }
}

/// Whether a test is for the chosen set; where it is not, says so and why.
///
/// Only for what is a fact about one of the sets: everything that the product promises is promised on all of them.
pub fn only_on(sets: &[Set], because: &str) -> bool {
    let is_for_it = sets.contains(&Set::chosen());
    if !is_for_it {
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        // Not by a macro: the test runner would keep that to itself.
        let _ = writeln!(io::stderr(), "{test} is about {sets:?} alone: {because}");
    }
    is_for_it
}
