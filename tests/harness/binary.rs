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

/// Where they are: where `cargo xtask test` has put them, or where they are built now, in the profile of the tests.
fn binaries() -> &'static Path {
    static BINARIES: OnceLock<PathBuf> = OnceLock::new();
    BINARIES.get_or_init(|| std::env::var_os("GATEWRIGHT_TEST_BINARIES").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--workspace", "--bins"]);
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
}
