//! The binaries `gatewright` and `gatewright-scheduler`: command lines and processes around the crate `gatewright`.
//!
//! Start reading at `cli.rs`, the table of commands; `cli/serve.rs` starts the server, `cli/scheduler.rs` the scheduler.

mod async_runtime;
mod cli;
mod exit;
mod log_queue;
mod logging;
mod start_message;
mod terminal;
mod terminations;
mod traces;

pub use cli::{run, run_scheduler};
