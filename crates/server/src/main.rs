//! The `gatewright` binary: the command line around the crate `gatewright`.
//!
//! Start reading at [`cli`], the table of commands; [`cli::serve`] starts the server.

mod async_runtime;
mod cli;
mod exit;
mod log_queue;
mod logging;
mod start_message;
mod terminal;
mod terminations;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
