//! Changing the schema from version to version; see `migrations/README.md` for the rules.
//!
//! Every call is one transaction that holds the write lock from its start, so programs that start together
//! migrate one after the other, and one that is killed in the middle leaves nothing half done.

use crate::connection::{OpenError, connect, prepare_file};
use crate::options::SqliteOptions;
use diesel::connection::SimpleConnection;
use diesel::migration::{self, Migration, MigrationSource, MigrationVersion};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::error::Error as StdError;
use std::time::Duration;
use thiserror::Error;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// How long to wait for another program that is migrating.
const MIGRATION_PATIENCE: Duration = Duration::from_mins(1);

/// Why the schema was not changed; nothing of the call happened.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// The file cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A migration failed.
    #[error("migration failed: {0}")]
    Failed(Box<dyn StdError + Send + Sync>),
    /// The database has a migration of a newer program.
    #[error("migration {0} is not known to this version of the program")]
    Unknown(String),
    /// What the migrations left behind contradicts itself.
    #[error("after the migrations {0} rows would refer to others that do not exist")]
    BrokenReferences(i64),
}

impl From<diesel::result::Error> for MigrationError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

/// A migration and whether it has been run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its name, as the folder's under `migrations/sqlite`.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Runs every migration that has not been run yet, and names them.
///
/// # Errors
/// [`MigrationError`]; the schema is as before then.
pub fn up(options: &SqliteOptions) -> Result<Vec<String>, MigrationError> {
    migrate(options, |connection| {
        let pending = connection
            .pending_migrations(MIGRATIONS)
            .map_err(MigrationError::Failed)?;
        for migration in &pending {
            connection.run_migration(migration).map_err(MigrationError::Failed)?;
        }
        Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
    })
}

/// Takes back the last `steps` migrations, and names them, the newest first. What only they had a place for is lost.
///
/// # Errors
/// [`MigrationError`]; the schema is as before then.
pub fn down(options: &SqliteOptions, steps: usize) -> Result<Vec<String>, MigrationError> {
    migrate(options, |connection| {
        let known = known()?;
        let applied = connection.applied_migrations().map_err(MigrationError::Failed)?;
        let mut reverted = Vec::new();
        for version in applied.into_iter().take(steps) {
            let migration = known.iter().find(|migration| migration.name().version() == version);
            let migration = migration.ok_or_else(|| MigrationError::Unknown(version.to_string()))?;
            connection.revert_migration(migration).map_err(MigrationError::Failed)?;
            reverted.push(migration.name().to_string());
        }
        Ok(reverted)
    })
}

/// Every migration this program knows, the oldest first. A file that does not exist is not made.
///
/// # Errors
/// [`MigrationError`].
pub fn status(options: &SqliteOptions) -> Result<Vec<MigrationStatus>, MigrationError> {
    if !options.path.exists() {
        return status_after(&[]);
    }
    let mut connection = connect(&options.path, options.lock_timeout())?;
    status_after(&connection.applied_migrations().map_err(MigrationError::Failed)?)
}

/// How many migrations the database behind `connection` has yet to see.
pub(crate) fn count_pending(connection: &mut SqliteConnection) -> migration::Result<usize> {
    Ok(connection.pending_migrations(MIGRATIONS)?.len())
}

fn status_after(applied: &[MigrationVersion<'_>]) -> Result<Vec<MigrationStatus>, MigrationError> {
    let known = known()?;
    let status = known.iter().map(|migration| MigrationStatus {
        name: migration.name().to_string(),
        applied: applied.contains(&migration.name().version()),
    });
    Ok(status.collect())
}

fn known() -> Result<Vec<Box<dyn Migration<Sqlite>>>, MigrationError> {
    let mut known = MIGRATIONS.migrations().map_err(MigrationError::Failed)?;
    known.sort_by_key(|migration| migration.name().to_string());
    Ok(known)
}

/// Foreign keys are off meanwhile, so that a migration can replace a table without taking the rows that refer
/// to it along; they are checked at the end instead, where anything was done at all.
fn migrate(
    options: &SqliteOptions,
    work: impl FnOnce(&mut SqliteConnection) -> Result<Vec<String>, MigrationError>,
) -> Result<Vec<String>, MigrationError> {
    prepare_file(&options.path, MIGRATION_PATIENCE)?;
    let mut connection = connect(&options.path, MIGRATION_PATIENCE)?;
    connection.batch_execute("pragma foreign_keys = off")?;
    connection.immediate_transaction(|connection| {
        let done = work(connection)?;
        if !done.is_empty() {
            expect_whole_references(connection)?;
        }
        Ok(done)
    })
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn expect_whole_references(connection: &mut SqliteConnection) -> Result<(), MigrationError> {
    let broken: Count =
        diesel::sql_query("select count(*) as count from pragma_foreign_key_check").get_result(connection)?;
    if broken.count == 0 {
        Ok(())
    } else {
        Err(MigrationError::BrokenReferences(broken.count))
    }
}
