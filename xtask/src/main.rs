//! The project's own tasks: `cargo xtask <task>`. Light on purpose, so that it builds in seconds.
//!
//! Imports no crate of the workspace that the server is made of: it builds and runs them from outside. Start reading at [`Task`].

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
use services::Service;
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
    /// Start what the tests need and run them all; arguments go on to `cargo test`, those after `--` to the tests.
    #[command(after_help = "Examples: cargo xtask test refresh -- --nocapture
          cargo xtask test -p gatewright-adapter-redis
          GATEWRIGHT_TEST_SET=replicas cargo xtask test --test it")]
    Test {
        /// For `cargo test`; the whole workspace unless they select something.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Start what the tests need: run a command with it, or keep it running until Ctrl-C.
    #[command(after_help = services::EXPORTS)]
    Services {
        /// These alone.
        #[arg(long, value_delimiter = ',')]
        only: Vec<Service>,
        /// What to run; without it the variables are printed.
        #[arg(last = true)]
        command: Vec<String>,
    },
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
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<ExitCode> {
    match task {
        Task::Test { arguments } => test_suite::run_all(&arguments),
        Task::Services { only, command } => return services::run(&only, &command),
        Task::Tidy => tidy::run(),
        Task::Bench { arguments } => bench::measure(&arguments),
        Task::FuzzApi { arguments } => fuzz_api::run(&arguments),
        Task::Openapi { check } => openapi::run(check),
    }?;
    Ok(ExitCode::SUCCESS)
}
