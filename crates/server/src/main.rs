//! The `gatewright` binary: the server, and commands for whoever runs it.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatewright_server::run()
}
