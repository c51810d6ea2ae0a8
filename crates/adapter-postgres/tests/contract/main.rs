//! The storage ports' contract on `PostgreSQL`, and what is promised of this adapter beyond it. It wants a server:
//! `GATEWRIGHT_TEST_POSTGRES_URL`, which `cargo xtask test` sets. Tests that break a server start one of their own.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod abandonment;
mod corruption;
mod failover;
mod faults;
mod fresh_storage;
mod indices;
mod inspection;
mod locking;
mod migrating;
mod pipelining;
mod suites;
mod time_of_day;
mod tls;
