//! `cargo xtask tidy`: what keeps the tree in order.

mod text_rules;

use crate::commands::{cargo, output, root, run as run_command};
use crate::openapi;
use anyhow::{Result, ensure};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use text_rules::{Finding, TextFile};

const LONG_FILE_LINES: usize = 300;

/// Checks formatting, lints, documentation, dependencies, the API description, the text of every file and the
/// rules of ARCHITECTURE.md.
pub(crate) fn run() -> Result<()> {
    let files = tracked_files()?;
    report_long_files(&files);
    let findings = text_rules::check(&files, root());
    for Finding { path, line, fault } in &findings {
        eprintln!("{path}:{line}: {fault}");
    }
    ensure!(
        findings.is_empty(),
        "{} findings in the text of the tree",
        findings.len()
    );

    run_command(&mut cargo(["fmt", "--all", "--check"]))?;
    run_command(&mut cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "--deny=warnings",
    ]))?;
    run_command(cargo(["doc", "--workspace", "--lib", "--no-deps"]).env("RUSTDOCFLAGS", "--deny=warnings"))?;
    check_dependencies()?;
    openapi::run(true)?;
    run_command(&mut cargo(["test", "--workspace", "--test=it", "--", "architecture"]))
}

/// Licences, banned crates and sources, offline; the advisories need the internet and are asked for by
/// `cargo deny check`.
fn check_dependencies() -> Result<()> {
    let installed = cargo(["deny", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if installed {
        run_command(&mut cargo(["deny", "check", "licenses", "bans", "sources"]))
    } else {
        eprintln!("not checked: licences, bans and sources; `cargo install cargo-deny` and run this again");
        Ok(())
    }
}

/// Every text file that git tracks or would.
fn tracked_files() -> Result<Vec<TextFile>> {
    let mut list = Command::new("git");
    list.args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root());
    let paths = output(&mut list)?;
    let read = |path: &str| {
        let text = fs::read_to_string(root().join(path)).ok()?;
        Some(TextFile {
            path: path.to_owned(),
            text,
        })
    };
    Ok(paths.lines().filter_map(read).collect())
}

/// A long file is a question, not a fault: is it one thing?
fn report_long_files(files: &[TextFile]) {
    let is_rust = |file: &&TextFile| {
        Path::new(&file.path)
            .extension()
            .is_some_and(|extension| extension == "rs")
    };
    for file in files.iter().filter(is_rust) {
        let lines = file.text.lines().count();
        if lines > LONG_FILE_LINES {
            eprintln!("{}: {lines} lines; is it one thing?", file.path);
        }
    }
}
