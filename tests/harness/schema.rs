//! A schema of PostgreSQL for one test.

use futures_util::StreamExt as _;
use std::env;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use tokio::runtime;
use tokio_postgres::{Client, NoTls};

/// Where the server is, and as whom to make schemas there.
const VARIABLE: &str = "GATEWRIGHT_TEST_POSTGRES_URL";

/// Tells the schemas of one process apart.
static SCHEMAS: AtomicU32 = AtomicU32::new(0);

/// An empty schema, dropped with all that came into it.
pub(crate) struct Schema {
    name: String,
}

impl Schema {
    pub(crate) fn new() -> Self {
        let number = SCHEMAS.fetch_add(1, Ordering::Relaxed);
        let name = format!("gatewright_it_{}_{number}", std::process::id());
        // A process of the same number may have been killed before it could drop its own.
        run_on_server(&format!("drop schema if exists {name} cascade; create schema {name}"));
        Self { name }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The URL of the database that leads into this schema.
    pub(crate) fn url(&self) -> String {
        let server = service(VARIABLE);
        let separator = if server.contains('?') { '&' } else { '?' };
        format!("{server}{separator}options=-csearch_path%3D{}", self.name)
    }

    /// How many rows there are of what may stand behind `from`.
    pub(crate) fn count(&self, from: &str) -> i64 {
        let count = format!("select count(*) from {from}");
        with_client(&self.url(), async |client| {
            client.query_one(&count, &[]).await.unwrap().get(0)
        })
    }

    pub(crate) fn execute(&self, statement: &str) {
        with_client(&self.url(), async |client| {
            client.batch_execute(statement).await.unwrap();
        });
    }

    /// Every row of every table as PostgreSQL's binary format has it, in which text stands as it is.
    pub(crate) fn dump(&self) -> Vec<u8> {
        let tables = "select table_name::text from information_schema.tables where table_schema = current_schema()";
        with_client(&self.url(), async |client| {
            let mut dump = Vec::new();
            for row in client.query(tables, &[]).await.unwrap() {
                let table: String = row.get(0);
                let copy = format!("copy {table} to stdout (format binary)");
                let mut parts = pin!(client.copy_out(&copy).await.unwrap());
                while let Some(part) = parts.next().await {
                    dump.extend_from_slice(&part.unwrap());
                }
            }
            dump
        })
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        run_on_server(&format!("drop schema if exists {} cascade", self.name));
    }
}

/// Where a server is that `cargo xtask test` started.
///
/// # Panics
/// Where it started none.
pub(crate) fn service(variable: &str) -> String {
    let value = env::var_os(variable).and_then(|value| value.into_string().ok());
    value.unwrap_or_else(|| panic!("set {variable}, or run `cargo xtask test`"))
}

fn run_on_server(sql: &str) {
    with_client(&service(VARIABLE), async |client| {
        client.batch_execute("set client_min_messages = warning").await.unwrap();
        client.batch_execute(sql).await.unwrap();
    });
}

/// On a thread of its own, so that it can be called, and a schema be dropped, in the middle of asynchronous code.
fn with_client<T: Send>(url: &str, work: impl AsyncFnOnce(&Client) -> T + Send) -> T {
    let run = || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(connection);
            work(&client).await
        })
    };
    thread::scope(|scope| scope.spawn(run).join().unwrap())
}
