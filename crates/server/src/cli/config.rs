//! `gatewright config`

use crate::cli::configured;
use crate::exit::Failure;
use crate::terminal;
use clap::{Subcommand, ValueEnum};
use gatewright::check;
use gatewright::config::Config;
use gatewright::config::documents::{env_example, explanation, markdown_table};
use gatewright::config::given::Given;

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Say whether the settings can be used, and everything that is wrong with them
    Check,
    /// List every setting with its value, where that comes from, and what it means; secrets are not shown
    Explain {
        /// What to write
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// The settings as they are here and now
    Text,
    /// A sample `.env` file
    Env,
    /// A Markdown table of names, defaults and meanings
    Markdown,
}

pub(super) fn run(command: &ConfigCommand) -> Result<(), Failure> {
    match command {
        ConfigCommand::Check => {
            let config = configured()?;
            check(&config)?;
            for warning in &config.warnings {
                terminal::remark(&format!("warning: {warning}"));
            }
            terminal::answer(&format!("the settings are fine, for {}", config.environment.as_str()));
        }
        ConfigCommand::Explain { format: Format::Text } => {
            let given = Given::from_process();
            terminal::answer(&explanation(&given));
            if let Err(faults) = Config::read(&given) {
                terminal::remark(&faults.to_string());
            }
        }
        ConfigCommand::Explain { format: Format::Env } => terminal::answer(&env_example()),
        ConfigCommand::Explain {
            format: Format::Markdown,
        } => terminal::answer(&markdown_table()),
    }
    Ok(())
}
