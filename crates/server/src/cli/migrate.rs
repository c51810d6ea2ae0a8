//! `gatewright migrate`

use crate::cli::configured;
use crate::exit::Failure;
use crate::terminal;
use clap::Subcommand;
use gatewright::{migrate_down, migrate_up, migration_status};

#[derive(Debug, Subcommand)]
pub(super) enum MigrateCommand {
    /// Run every migration that has not been run yet
    Up,
    /// Take back the last migration; what only it had a place for is lost
    Down {
        /// How many migrations to take back
        #[arg(long, default_value_t = 1)]
        steps: usize,
    },
    /// List all migrations and whether they have been run
    Status,
}

pub(super) fn run(command: &MigrateCommand) -> Result<(), Failure> {
    let storage = configured()?.storage;
    match command {
        MigrateCommand::Up => terminal::answer(&report("applied", &migrate_up(&storage)?)),
        MigrateCommand::Down { steps } => terminal::answer(&report("taken back", &migrate_down(&storage, *steps)?)),
        MigrateCommand::Status => {
            for migration in migration_status(&storage)? {
                let state = if migration.applied { "applied" } else { "pending" };
                terminal::answer(&format!("{state}  {}", migration.name));
            }
        }
    }
    Ok(())
}

fn report(what: &str, migrations: &[String]) -> String {
    if migrations.is_empty() {
        return "nothing to do".to_owned();
    }
    let lines: Vec<String> = migrations.iter().map(|name| format!("{what}  {name}")).collect();
    lines.join("\n")
}
