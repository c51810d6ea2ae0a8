//! `cargo xtask test`: every test there is.

use crate::commands::{cargo, run};
use crate::services;
use anyhow::Result;

/// Starts what the tests need, builds the server that some of them run, and runs them all. The tests are
/// built in the same breath: cargo would otherwise choose other features of the shared dependencies for
/// the server, and build them twice.
pub(crate) fn run_all(arguments: &[String]) -> Result<()> {
    services::start();
    run(&mut cargo(["build", "--workspace", "--bins", "--tests"]))?;
    run(cargo(["test", "--workspace"]).args(arguments))
}
