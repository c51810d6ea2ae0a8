//! `gatewright-scheduler`

use crate::async_runtime;
use crate::cli::serve::{configured_service, stop_signal};
use crate::exit::Failure;
use clap::Parser;
use gatewright::{Config, Gatewright};

/// Sends mails and runs jobs beside servers that were told SCHEDULER=external.
#[derive(Debug, Parser)]
#[command(name = "gatewright-scheduler", version, after_help = AFTER_HELP)]
struct CommandLine {}

const AFTER_HELP: &str = "\
It takes the same settings as the server, from the environment and from the file .env in the working
directory. Any number of schedulers and servers may run on one database: each mail is sent once, and each
job runs once in its interval. `gatewright jobs list` shows what became of them.

Exit codes: 0 stopped, 2 wrong usage or configuration, 1 anything else.";

pub(super) fn run() -> Result<(), Failure> {
    CommandLine::parse();
    let (config, _written_out_at_the_end) = configured_service()?;
    async_runtime::start()?.block_on(schedule(config))
}

async fn schedule(config: Config) -> Result<(), Failure> {
    let stop = stop_signal()?;
    let port = config.server.bind.port();
    let gatewright = Gatewright::build(config, port)?;
    gatewright.wait_for_storage().await;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the scheduler runs");
    gatewright.schedule(stop).await?;
    tracing::info!("stopped");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }
}
