//! The `gatewright-scheduler` binary: sends mails and runs jobs, and serves nothing.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatewright_server::run_scheduler()
}
