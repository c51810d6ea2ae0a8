//! The command line.

mod admin;
mod config;
mod doctor;
mod health;
mod jobs;
mod keys;
mod mail;
mod migrate;
mod scheduler;
mod serve;

use crate::exit::Failure;
use crate::logging::{self, Stream};
use crate::terminal;
use clap::{Parser, Subcommand};
use gatewright::config::Config;
use gatewright::config::documents::help_hints;
use gatewright::config::given::Given;
use gatewright::config::logging::{LogConfig, LogFormat};
use std::process::ExitCode;
use tracing::level_filters::LevelFilter;

/// User authentication as a service: sign-up, sign-in, sessions, recovery.
#[derive(Debug, Parser)]
#[command(name = "gatewright", version, after_help = after_help(), disable_help_subcommand = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
}

fn after_help() -> String {
    format!(
        "\
Settings come from the environment and from the file .env in the working directory. Without any, the
server starts in development mode on http://127.0.0.1:8000 and keeps its data in ./data. Most needed:

{}

`gatewright config explain` lists every setting with its value and meaning.

Exit codes: 0 done, 2 wrong usage or configuration, 1 anything else.",
        help_hints()
    )
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server (also without a word).
    Serve,
    /// Change the database's tables; `serve` does that by itself at start.
    #[command(subcommand)]
    Migrate(migrate::MigrateCommand),
    /// Create administrators.
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Check and explain the settings.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Examine everything the server depends on, and say what to do.
    Doctor,
    /// Ask the running server on this machine whether it answers: for a container's health check.
    Health,
    /// Rotate and list the keys that sign access tokens.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// List the jobs that go on beside the requests, and run one now.
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
    /// Try out the mail server.
    #[command(subcommand)]
    Mail(mail::MailCommand),
}

/// Runs what the command line of `gatewright` asks for.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match CommandLine::parse().command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(),
        Command::Migrate(command) => migrate::run(&command),
        Command::Admin(command) => admin::run(command),
        Command::Config(command) => config::run(&command),
        Command::Doctor => doctor::run(),
        Command::Health => health::run(),
        Command::Keys(command) => keys::run(&command),
        Command::Jobs(command) => jobs::run(&command),
        Command::Mail(command) => mail::run(&command),
    };
    exit_code(outcome)
}

/// Runs `gatewright-scheduler`.
#[must_use]
pub fn run_scheduler() -> ExitCode {
    exit_code(scheduler::run())
}

fn exit_code(outcome: Result<(), Failure>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::remark(&failure.to_string());
            failure.exit_code()
        }
    }
}

/// The settings of this process, for a command other than `serve`, which speaks to a person: its log
/// is warnings in text.
fn configured() -> Result<Config, Failure> {
    logging::start(
        &LogConfig {
            level: LevelFilter::WARN,
            targets: Vec::new(),
            format: LogFormat::Text,
        },
        Stream::Error,
        None,
    );
    Ok(Config::read(&Given::from_process())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_table_of_commands_is_sound() {
        CommandLine::command().debug_assert();
    }
}
