//! `cargo xtask bench`: the measurements of `tests/benches/limits`.

use crate::commands::{cargo, run};
use anyhow::Result;

/// Builds the server as it is released, and measures it. Always the whole workspace: otherwise cargo would choose other
/// features of the shared dependencies for each command, and build them twice.
pub(crate) fn measure(arguments: &[String]) -> Result<()> {
    run(&mut cargo(["build", "--release", "--workspace", "--bin", "gatewright"]))?;
    let mut bench = cargo(["bench", "--workspace", "--bench", "limits"]);
    run(bench.arg("--").args(arguments))
}
