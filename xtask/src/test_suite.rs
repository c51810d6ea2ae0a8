//! `cargo xtask test`: every test there is.

use crate::commands::{cargo, run, run_to_its_end, target_folder};
use crate::services::Services;
use anyhow::{Result, ensure};
use std::env;

/// Chooses what the whole-server suite runs its server on; see `tests/harness/set.rs`.
const SET: &str = "GATEWRIGHT_TEST_SET";

/// Tells the whole-server suite where its server is, so that it builds none.
const BINARIES: &str = "GATEWRIGHT_TEST_BINARIES";

/// All that it can run on.
const SETS: [&str; 3] = ["sqlite", "postgres", "replicas"];

/// How options of `cargo test` begin that say which packages or targets to test.
const PACKAGES: [&str; 3] = ["-p", "--package", "--exclude"];
const TARGETS: [&str; 6] = ["--test", "--lib", "--bin", "--bench", "--example", "--doc"];

/// Parts of the whole-server suite that run no server, and are the same on every set.
const WITHOUT_SERVER: [&str; 2] = ["architecture::", "deploy::"];

/// One call of `cargo test`.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    set: String,
    arguments: Vec<String>,
}

/// Starts what the tests need, builds the server that some of them run, and runs them all. The tests are built in the
/// same breath: cargo would otherwise choose other features of the shared dependencies for the server, and build
/// them twice. A release build (`--release`) is the suite's own affair.
pub(crate) fn run_all(arguments: &[String]) -> Result<()> {
    let services = Services::start(&[])?;
    run(&mut cargo(["build", "--workspace", "--bins", "--tests"]))?;
    let binaries = target_folder()?.join("debug");
    let is_release = arguments.iter().any(|argument| argument == "--release");
    let chosen = env::var_os(SET).map(|set| set.to_string_lossy().into_owned());
    let mut failed = Vec::new();
    for Run { set, arguments } in runs(arguments, chosen) {
        eprintln!("the whole-server suite, where it is run now, runs on: {set}");
        let mut test = cargo(["test"]);
        test.args(arguments).envs(services.variables());
        test.env(SET, &set);
        if !is_release {
            test.env(BINARIES, &binaries);
        }
        if !run_to_its_end(&mut test)?.success() {
            failed.push(set);
        }
    }
    ensure!(failed.is_empty(), "tests failed on: {}", failed.join(", "));
    Ok(())
}

/// Everything on the first set, and the whole-server suite again on each of the others. Where the arguments select
/// something it is run once.
fn runs(arguments: &[String], chosen_set: Option<String>) -> Vec<Run> {
    let split = arguments.iter().position(|argument| argument == "--");
    let (for_cargo, for_tests) = arguments.split_at(split.unwrap_or(arguments.len()));
    let selects = |options: &[&str]| {
        let is_one = |argument: &String| options.iter().any(|option| argument.starts_with(option));
        for_cargo.iter().any(is_one)
    };
    let is_selection = selects(&PACKAGES) || selects(&TARGETS);
    let sets = match chosen_set {
        Some(set) => vec![set],
        None if is_selection => vec![SETS[0].to_owned()],
        None => SETS.map(str::to_owned).to_vec(),
    };
    let run = |(number, set)| {
        let mut all = Vec::new();
        if !selects(&["-p", "--package"]) {
            all.push("--workspace".to_owned());
        }
        if number > 0 {
            all.push("--test=it".to_owned());
        }
        all.extend_from_slice(for_cargo);
        all.extend_from_slice(for_tests);
        if number > 0 {
            all.extend(for_tests.is_empty().then(|| "--".to_owned()));
            all.extend(WITHOUT_SERVER.map(|part| format!("--skip={part}")));
        }
        Run { set, arguments: all }
    };
    sets.into_iter().enumerate().map(run).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(arguments: &str, chosen_set: Option<&str>) -> Vec<String> {
        let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
        runs(&arguments, chosen_set.map(str::to_owned))
            .into_iter()
            .map(|run| format!("{}: {}", run.set, run.arguments.join(" ")))
            .collect()
    }

    #[test]
    fn the_whole_server_suite_runs_on_every_set() {
        assert_eq!(
            shown("refresh -- --nocapture", None),
            [
                "sqlite: --workspace refresh -- --nocapture",
                "postgres: --workspace --test=it refresh -- --nocapture --skip=architecture:: --skip=deploy::",
                "replicas: --workspace --test=it refresh -- --nocapture --skip=architecture:: --skip=deploy::",
            ]
        );
    }

    #[test]
    fn what_is_selected_runs_once() {
        assert_eq!(shown("-p some-crate", None), ["sqlite: -p some-crate"]);
        assert_eq!(
            shown("--test it", Some("replicas")),
            ["replicas: --workspace --test it"]
        );
        assert_eq!(shown("", Some("postgres")), ["postgres: --workspace"]);
        let whole = shown("", None);
        assert_eq!(whole.len(), SETS.len());
        assert_eq!(
            whole.last().unwrap(),
            "replicas: --workspace --test=it -- --skip=architecture:: --skip=deploy::"
        );
    }
}
