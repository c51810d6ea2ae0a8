//! `cargo xtask fuzz-api`: schemathesis against the built server.

use crate::commands::{root, run as run_command, target_folder};
use crate::server::{RunningServer, data_folder};
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::Command;

/// Pinned, so that a new check fails when somebody asks for it and not on some morning.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
const NAME: &str = "fuzz-api";

/// Sends well-formed and ill-formed requests to every operation of the served document, signed in and
/// not, and fails on a finding.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let schemathesis = installed()?;
    let server = RunningServer::start(NAME, &[("RATE_LIMITS", "off")])?;
    let document = format!("{}/openapi.json", server.base_url());
    run_command(
        Command::new(schemathesis)
            .current_dir(target_folder()?.join(NAME))
            .env("SCHEMATHESIS_HOOKS", root().join("xtask/fuzz_api/bearer.py"))
            .env("GATEWRIGHT_URL", server.base_url())
            .env("GATEWRIGHT_MAIL", data_folder(NAME)?.join("mail"))
            .args(["run", &document, "--checks=all", "--mode=all", "--continue-on-failure"])
            .args(arguments),
    )
    .with_context(|| format!("see target/{NAME}/server.log for what the server said"))
}

/// Schemathesis in an environment of its own, `target/fuzz-api/venv`, made at the first call.
fn installed() -> Result<PathBuf> {
    let venv = target_folder()?.join(NAME).join("venv");
    if !venv.join("bin/python").exists() {
        run_command(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    run_command(Command::new(venv.join("bin/python")).args(["-m", "pip", "install", "--quiet", SCHEMATHESIS]))?;
    Ok(venv.join("bin/schemathesis"))
}
