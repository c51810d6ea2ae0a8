//! `gatewright mail`

use crate::async_runtime;
use crate::cli::configured;
use crate::exit::Failure;
use crate::terminal;
use clap::Subcommand;
use gatewright::Gatewright;
use gatewright_application::mail::send_test_mail::SendTestMailError;

#[derive(Debug, Subcommand)]
pub(super) enum MailCommand {
    /// Send a test mail at once, and tell what the mail server says
    Test {
        /// The address to send it to
        #[arg(long)]
        to: String,
    },
}

pub(super) fn run(command: &MailCommand) -> Result<(), Failure> {
    let MailCommand::Test { to } = command;
    let config = configured()?;
    let sent = async_runtime::start()?.block_on(async {
        let port = config.server.bind.port();
        let gatewright = Gatewright::build(config, port)?;
        let sent = gatewright.application().send_test_mail.execute(to).await;
        gatewright.close().await;
        Ok::<_, Failure>(sent)
    })?;
    match sent {
        Ok(to) => terminal::answer(&format!("the mail to {to} was taken")),
        Err(error @ SendTestMailError::Address(_)) => return Err(Failure::Usage(error.to_string())),
        Err(error @ SendTestMailError::Transport(_)) => return Err(Failure::other(error)),
    }
    Ok(())
}
