//! The storage ports on `SQLite`, for a service on one machine with no other server.
//!
//! [`SqliteStore`] implements every storage port of the application over one file: a writer thread that
//! commits waiting changes together, and a few reader threads, each with a diesel connection of its own. The
//! crate imports the application's ports, the domain and the driver; it reads no clock, draws no randomness,
//! and knows no other adapter.
//!
//! Start reading at `store.rs` for how a call becomes a job, at `writer.rs` for what a commit is, and at
//! `claims.rs` for the statements that are rules themselves. `schema`, `rows`, `reads`, `claims` and `changes`
//! have one file an aggregate, under the same names as in the adapter for `PostgreSQL`.

mod changes;
mod claims;
mod connection;
mod error;
mod job;
pub mod migrations;
mod options;
mod queue;
mod readers;
mod reads;
mod rows;
mod schema;
mod store;
mod writer;

pub use connection::OpenError;
pub use options::SqliteOptions;
pub use store::SqliteStore;
