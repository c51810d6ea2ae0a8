//! The project's own tasks: `cargo xtask <task>`. Light on purpose, so that it builds in seconds.
//!
//! Imports no crate of the workspace: it builds and runs them from outside. Start reading at [`Task`].

mod bench;
mod commands;
mod fuzz_api;
mod openapi;
mod server;
mod services;
mod test_suite;
mod tidy;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The tasks of this project")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

/// What there is to do.
#[derive(Subcommand)]
enum Task {
    /// Run the whole test suite; arguments go on to `cargo test`, those after `--` to the tests.
    #[command(after_help = "Example: cargo xtask test refresh -- --nocapture")]
    Test {
        /// For `cargo test --workspace`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Start what the tests need.
    Services,
    /// Check formatting, lints, documentation, dependencies, the API description and the text of the tree.
    Tidy,
    /// Measure against the limits of this machine, as ratios; prints a table and writes bench.json.
    Bench {
        /// For the benchmark.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Send the built server good and bad requests of every kind (schemathesis); needs python3.
    FuzzApi {
        /// For `schemathesis run`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Write the API description that the server serves to docs/openapi.json.
    Openapi {
        /// Write nothing; fail where the file differs from what is served.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    match perform(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    match task {
        Task::Test { arguments } => test_suite::run_all(&arguments),
        Task::Services => {
            services::start();
            Ok(())
        }
        Task::Tidy => tidy::run(),
        Task::Bench { arguments } => bench::measure(&arguments),
        Task::FuzzApi { arguments } => fuzz_api::run(&arguments),
        Task::Openapi { check } => openapi::run(check),
    }
}
