//! Changing the schema from version to version; see `migrations/README.md` for the rules.
//!
//! Each migration is a transaction of its own, and a session-level advisory lock lets one program migrate at a time. The
//! lock goes with its session: whoever is killed in the middle leaves whole migrations, no lock, and the rest to the next.
//!
//! Every call works on a thread and a runtime of its own, since the migrations of diesel block.

use crate::connection::{ConnectError, Connection, Connector, Purpose};
use crate::options::PostgresOptions;
use crate::tls::TlsError;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::prelude::QueryableByName;
use diesel::sql_types::{Bool, Text};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::io;
use std::thread;
use std::time::Duration;
use thiserror::Error;
use tokio::time::{Instant, sleep};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// How long to wait for another program that is migrating, and how often to ask.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
const WAIT_BETWEEN_TRIES: Duration = Duration::from_millis(50);
/// One lock for each schema; the first number is only there to be unlike others'. It is tried and not waited for: whoever
/// waits inside a statement holds up `create index concurrently`, which waits for every statement that is older.
const TRY_LOCK: &str = "select pg_try_advisory_lock(1734440037, hashtext(current_schema())) as yes";
/// How long a migration waits for a table. While it waits everybody else waits behind it.
const WAIT_FOR_TABLES: &str = "set lock_timeout = '5s'";

/// Why the schema was not changed, or not to the end: the migrations before the one that failed have happened.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A migration failed.
    #[error("migration failed: {0}")]
    Failed(Box<dyn StdError + Send + Sync>),
    /// The database has a migration of a newer program.
    #[error("migration {0} is not known to this version of the program")]
    Unknown(String),
    /// Another program holds the lock for migrations.
    #[error("another program has been migrating for {0:?}")]
    Busy(Duration),
    /// The thread for it could not be started or did not come to its end.
    #[error("cannot run migrations: {0}")]
    Thread(String),
}

impl From<diesel::result::Error> for MigrationError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(Box::new(error))
    }
}

/// A migration and whether it has been run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its name, as the folder's under `migrations/postgres`.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Runs every migration that has not been run yet, and names them. It blocks until that is done.
///
/// # Errors
/// [`MigrationError`].
pub fn up(options: &PostgresOptions) -> Result<Vec<String>, MigrationError> {
    on_own_runtime(options, async |options| run_all(options).await)
}

/// Takes back the last `steps` migrations, and names them, the newest first. What only they had a place for is lost. It
/// blocks until that is done.
///
/// # Errors
/// [`MigrationError`]; [`Unknown`](MigrationError::Unknown) leaves everything as before.
pub fn down(options: &PostgresOptions, steps: usize) -> Result<Vec<String>, MigrationError> {
    on_own_runtime(options, async move |options| revert(options, steps).await)
}

/// Every migration this program knows, the oldest first. It changes nothing, and blocks until that is done.
///
/// # Errors
/// [`MigrationError`].
pub fn status(options: &PostgresOptions) -> Result<Vec<MigrationStatus>, MigrationError> {
    on_own_runtime(options, async |options| look(options).await)
}

/// [`up`] for asynchronous callers.
pub(crate) async fn run_pending(options: &PostgresOptions) -> Result<Vec<String>, MigrationError> {
    let options = options.clone();
    let run = tokio::task::spawn_blocking(move || up(&options));
    run.await.map_err(|error| cannot_run(&error))?
}

/// How many migrations the database has yet to see.
pub(crate) async fn count_pending(options: &PostgresOptions) -> Result<usize, MigrationError> {
    let options = options.clone();
    let look = tokio::task::spawn_blocking(move || status(&options));
    let status = look.await.map_err(|error| cannot_run(&error))??;
    Ok(status.iter().filter(|migration| !migration.applied).count())
}

async fn run_all(options: &PostgresOptions) -> Result<Vec<String>, MigrationError> {
    let (client, _driver) = connect_and_lock(options).await?.into_parts();
    let mut harness = AsyncMigrationHarness::new(client);
    let pending = harness.pending_migrations(MIGRATIONS).map_err(MigrationError::Failed)?;
    let mut run = Vec::with_capacity(pending.len());
    for migration in &pending {
        harness.run_migration(migration).map_err(MigrationError::Failed)?;
        run.push(migration.name().to_string());
    }
    Ok(run)
}

async fn revert(options: &PostgresOptions, steps: usize) -> Result<Vec<String>, MigrationError> {
    let (client, _driver) = connect_and_lock(options).await?.into_parts();
    let mut harness = AsyncMigrationHarness::new(client);
    let known = known()?;
    let applied = harness.applied_migrations().map_err(MigrationError::Failed)?;
    let mut last = Vec::new();
    for version in applied.into_iter().take(steps) {
        let migration = known.iter().find(|migration| migration.name().version() == version);
        last.push(migration.ok_or_else(|| MigrationError::Unknown(version.to_string()))?);
    }
    let mut reverted = Vec::with_capacity(last.len());
    for migration in last {
        harness.revert_migration(migration).map_err(MigrationError::Failed)?;
        reverted.push(migration.name().to_string());
    }
    Ok(reverted)
}

async fn look(options: &PostgresOptions) -> Result<Vec<MigrationStatus>, MigrationError> {
    let connection = Connector::new(options, Purpose::Migration)?.connect().await?;
    let applied = applied(&connection).await?;
    let status = known()?.into_iter().map(|migration| MigrationStatus {
        name: migration.name().to_string(),
        applied: applied.contains(&migration.name().version().to_string()),
    });
    Ok(status.collect())
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// diesel's own way makes the table where it is missing, which whoever only looks may have no right to.
async fn applied(mut connection: &AsyncPgConnection) -> Result<BTreeSet<String>, MigrationError> {
    let any = "select to_regclass('__diesel_schema_migrations') is not null as yes";
    let any: Answer = diesel::sql_query(any).get_result(&mut connection).await?;
    if !any.yes {
        return Ok(BTreeSet::new());
    }
    let versions = "select version::text from __diesel_schema_migrations";
    let versions: Vec<Version> = diesel::sql_query(versions).load(&mut connection).await?;
    Ok(versions.into_iter().map(|row| row.version).collect())
}

async fn connect_and_lock(options: &PostgresOptions) -> Result<Connection, MigrationError> {
    let connection = Connector::new(options, Purpose::Migration)?.connect().await?;
    let given_up_at = Instant::now() + LONGEST_WAIT;
    while !try_lock(&connection).await? {
        if Instant::now() >= given_up_at {
            return Err(MigrationError::Busy(LONGEST_WAIT));
        }
        sleep(WAIT_BETWEEN_TRIES).await;
    }
    let mut client: &AsyncPgConnection = &connection;
    client.batch_execute(WAIT_FOR_TABLES).await?;
    Ok(connection)
}

async fn try_lock(mut connection: &AsyncPgConnection) -> Result<bool, MigrationError> {
    let locked: Answer = diesel::sql_query(TRY_LOCK).get_result(&mut connection).await?;
    Ok(locked.yes)
}

fn known() -> Result<Vec<Box<dyn Migration<Pg>>>, MigrationError> {
    let mut known = MIGRATIONS.migrations().map_err(MigrationError::Failed)?;
    known.sort_by_key(|migration| migration.name().to_string());
    Ok(known)
}

fn on_own_runtime<T: Send + 'static>(
    options: &PostgresOptions,
    work: impl AsyncFnOnce(&PostgresOptions) -> Result<T, MigrationError> + Send + 'static,
) -> Result<T, MigrationError> {
    let options = options.clone();
    let run = move || {
        // A single-threaded runtime has no place where the migrations could block.
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build()?;
        Ok::<_, io::Error>(runtime.block_on(work(&options)))
    };
    let thread = thread::Builder::new().name("postgres-migrations".to_owned());
    let outcome = thread.spawn(run).map_err(|error| cannot_run(&error))?.join();
    outcome
        .map_err(|_| cannot_run(&"the thread panicked"))?
        .map_err(|error| cannot_run(&error))?
}

fn cannot_run(reason: &impl ToString) -> MigrationError {
    MigrationError::Thread(reason.to_string())
}
