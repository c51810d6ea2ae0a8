//! `cargo xtask bench`: the measurements of `tests/benches/limits`.

use crate::commands::{cargo, run};
use anyhow::Result;

/// Both commands name the same packages: otherwise cargo would choose other features of the shared
/// dependencies for each, and build them twice.
const PACKAGES: [&str; 4] = ["--package", "gatewright-server", "--package", "gatewright-tests"];

/// Builds the server as it is released, and measures it.
pub(crate) fn measure(arguments: &[String]) -> Result<()> {
    run(cargo(["build", "--release", "--bins", "--benches"]).args(PACKAGES))?;
    let mut bench = cargo(["bench", "--bench", "limits"]);
    run(bench.args(PACKAGES).arg("--").args(arguments))
}
