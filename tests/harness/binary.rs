//! The programs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A command of the binary, with an environment of its own.
pub fn gatewright(data_dir: &Path) -> Command {
    command("gatewright", data_dir)
}

/// A command of the scheduler's binary, with an environment of its own.
pub fn gatewright_scheduler(data_dir: &Path) -> Command {
    command("gatewright-scheduler", data_dir)
}

fn command(name: &str, data_dir: &Path) -> Command {
    let mut command = Command::new(binaries().join(name));
    command
        .env_clear()
        .current_dir(data_dir)
        .env("BIND", "127.0.0.1:0")
        .env("DATA_DIR", data_dir);
    command
}

/// Builds them once, in the profile of the tests, and tells where they are.
fn binaries() -> &'static Path {
    static BINARIES: OnceLock<PathBuf> = OnceLock::new();
    BINARIES.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        // The whole workspace, so that cargo chooses the features it has built already.
        build.args([
            "build",
            "--quiet",
            "--workspace",
            "--bin",
            "gatewright",
            "--bin",
            "gatewright-scheduler",
        ]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "the server does not build");
        let test = std::env::current_exe().unwrap();
        let profile = test
            .ancestors()
            .find(|folder| folder.ends_with("deps"))
            .and_then(Path::parent);
        profile.unwrap().to_owned()
    })
}
