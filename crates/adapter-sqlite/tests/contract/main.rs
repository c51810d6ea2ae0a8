//! The storage ports' contract on `SQLite`, and what is promised of this adapter beyond it.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod corruption;
mod durability;
mod fresh_storage;
mod indices;
mod inspection;
mod locking;
mod migrating;
mod suites;
