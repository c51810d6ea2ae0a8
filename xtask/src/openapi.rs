//! `cargo xtask openapi`: the served document as a file.

use crate::commands::root;
use crate::server::RunningServer;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;

const FILE: &str = "docs/openapi.json";

/// Writes what the server answers at `/openapi.json` to [`FILE`], or with `check` compares the two.
pub(crate) fn run(check: bool) -> Result<()> {
    let served = RunningServer::start("openapi", &[])?.get("/openapi.json")?;
    let document: Value = serde_json::from_str(&served).context("the served document")?;
    let text = format!("{document:#}\n");
    let path = root().join(FILE);
    if check {
        let written = fs::read_to_string(&path).unwrap_or_default();
        ensure!(
            written == text,
            "{FILE} is not what is served: run `cargo xtask openapi`"
        );
        eprintln!("{FILE} is what is served");
    } else {
        fs::create_dir_all(path.parent().unwrap_or(root()))?;
        fs::write(&path, text)?;
        eprintln!("wrote {FILE}");
    }
    Ok(())
}
