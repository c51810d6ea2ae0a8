//! What the servers and commands of one test share.

use crate::binary::{gatewright, gatewright_scheduler};
use crate::schema::{Schema, service};
use crate::set::Set;
use diesel::sql_types::BigInt;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Few connections for each server, as many tests run at once; and so that a busy machine fails none of them, patience.
const MANY_AT_ONCE: [(&str, &str); 3] = [
    ("DATABASE_POOL_SIZE", "6"),
    ("DATABASE_ACQUIRE_TIMEOUT", "30s"),
    ("DATABASE_STATEMENT_TIMEOUT", "30s"),
];

/// A data directory, and where the chosen set has PostgreSQL and Redis, a schema and a key prefix.
pub struct Environment {
    replicas: usize,
    settings: Vec<(String, String)>,
    // In front of the directory: nothing in it is needed to drop the schema.
    schema: Option<Schema>,
    data: TempDir,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

impl Environment {
    /// A fresh one of the chosen set, with these settings besides. With a `DATABASE_URL` among them it is the same on
    /// every set: one server, and nothing but these settings.
    ///
    /// # Panics
    /// Where it cannot be made.
    pub fn new(settings: &[(&str, &str)]) -> Self {
        let brings_database = settings.iter().any(|(name, _)| *name == "DATABASE_URL");
        let set = (!brings_database).then(Set::chosen);
        let schema = set.is_some_and(|set| set != Set::Sqlite).then(Schema::new);
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let mut all = Vec::new();
        if let Some(schema) = &schema {
            all.extend([
                ("DATABASE_URL".to_owned(), schema.url()),
                ("REDIS_URL".to_owned(), service("GATEWRIGHT_TEST_REDIS_URL")),
                ("REDIS_KEY_PREFIX".to_owned(), schema.name().to_owned()),
            ]);
            all.extend(MANY_AT_ONCE.iter().map(owned));
        }
        all.extend(settings.iter().map(owned));
        Self {
            replicas: set.map_or(1, Set::replicas),
            settings: all,
            schema,
            data: tempfile::tempdir().unwrap(),
        }
    }

    /// How many servers run in it.
    pub fn replicas(&self) -> usize {
        self.replicas
    }

    /// The data directory.
    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// A command of the server's binary.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.settle(gatewright(self.data_dir()), arguments)
    }

    /// A command of the scheduler's binary.
    pub fn scheduler_command(&self, arguments: &[&str]) -> Command {
        self.settle(gatewright_scheduler(self.data_dir()), arguments)
    }

    fn settle(&self, mut command: Command, arguments: &[&str]) -> Command {
        let settings = self.settings.iter().map(|(name, value)| (name, value));
        command.args(arguments).envs(settings);
        command
    }

    /// How many rows of the database there are of what may stand behind `from`.
    ///
    /// # Panics
    /// Where that is no SQL.
    pub fn count(&self, from: &str) -> i64 {
        if let Some(schema) = &self.schema {
            return schema.count(from);
        }
        let count = sql_query(format!("select count(*) as rows from {from}"));
        let count: Count = count.get_result(&mut self.sqlite()).unwrap();
        count.rows
    }

    /// Changes the database behind the server's back. On SQLite no server may run meanwhile.
    ///
    /// # Panics
    /// Where that is no SQL.
    pub fn execute(&self, statement: &str) {
        if let Some(schema) = &self.schema {
            schema.execute(statement);
        } else {
            sql_query(statement).execute(&mut self.sqlite()).unwrap();
        }
    }

    /// Everything the database has stored, with every text in it as it is.
    ///
    /// # Panics
    /// Where it cannot be read.
    pub fn dump(&self) -> Vec<u8> {
        if let Some(schema) = &self.schema {
            return schema.dump();
        }
        let files = ["gatewright.db", "gatewright.db-wal"];
        let read = |name| std::fs::read(self.data_dir().join(name)).unwrap();
        files.map(read).concat()
    }

    fn sqlite(&self) -> SqliteConnection {
        let path = self.data_dir().join("gatewright.db");
        SqliteConnection::establish(&path.display().to_string()).unwrap()
    }
}
