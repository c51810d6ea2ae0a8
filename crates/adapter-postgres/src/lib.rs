//! The storage ports on `PostgreSQL`, for a service of any number of replicas.
//!
//! [`PostgresStore`] implements every storage port of the application on one database, over a pool of connections. A
//! read, a claim and a single change are one prepared statement and one round trip each, a list of changes is one
//! pipelined transaction of two. The crate imports the application's ports, the domain and the driver, which is Rust to
//! the wire; it reads no clock but the database's, draws no randomness, and knows no other adapter.
//!
//! Start reading at `store.rs` for what a call is, at `pool.rs` and `lease.rs` for where a connection comes from and what
//! becomes of one whose caller went away, at `transaction.rs` for how a list of changes travels, and at `claims.rs` for the
//! statements that are rules themselves. `schema`, `rows`, `reads`, `claims` and `changes` have one file an aggregate,
//! under the same names as in the adapter for `SQLite`.

mod changes;
mod claims;
mod clock;
mod connection;
mod error;
mod health;
mod lease;
pub mod migrations;
mod options;
mod pool;
mod prepared;
mod reads;
mod rows;
mod schema;
mod store;
mod tls;
mod transaction;

pub use clock::DatabaseClock;
pub use connection::ConnectError;
pub use options::{PostgresOptions, UrlError};
pub use pool::PoolStatus;
pub use store::{PostgresStore, PrepareError};
pub use tls::TlsError;
