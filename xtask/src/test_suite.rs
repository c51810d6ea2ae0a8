//! `cargo xtask test`: every test there is.

use crate::commands::{self, cargo};
use crate::{server, services};
use anyhow::Result;

/// Starts what the tests need, builds the server that some of them run, and runs them all.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    services::start();
    server::build()?;
    commands::run(cargo(["test", "--workspace"]).args(arguments))
}
