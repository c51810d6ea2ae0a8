//! The server's program.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A command of the binary, with an environment of its own.
pub fn gatewright(data_dir: &Path) -> Command {
    let mut command = Command::new(binary());
    command
        .env_clear()
        .current_dir(data_dir)
        .env("BIND", "127.0.0.1:0")
        .env("DATA_DIR", data_dir);
    command
}

/// Builds the server once, in the profile of the tests, and tells where it is.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        // The whole workspace, so that cargo chooses the features it has built already.
        build.args(["build", "--quiet", "--workspace", "--bin", "gatewright"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "the server does not build");
        let test = std::env::current_exe().unwrap();
        let profile = test
            .ancestors()
            .find(|folder| folder.ends_with("deps"))
            .and_then(Path::parent);
        profile.unwrap().join("gatewright")
    })
}
