//! In-memory ports, for tests only: a dev-dependency, never part of a program.
//!
//! [`MemoryStore`](memory_store::MemoryStore) stands for every storage port at once, over one shared
//! state; the rest stands for clock, randomness, cryptography and mail, deterministic and easy to
//! look into. They keep the same contract as the real adapters (`tests/contract.rs`).
//! The crate imports the application's ports and the domain.
//!
//! Tests of the application's use cases live in `crates/application/tests`, not in its `src`: a unit
//! test there would see the ports twice, once as itself and once through this crate.
//!
//! Start reading at [`memory_store`].

pub mod announcements;
pub mod dated_keys;
pub mod listed_passwords;
pub mod manual_clock;
pub mod memory_store;
pub mod plain_access_tokens;
pub mod plain_digests;
pub mod plain_password_hasher;
pub mod plain_refresh_tokens;
pub mod plain_renderer;
pub mod plain_sealer;
pub mod rate_limiter;
pub mod recording_transport;
pub mod remembered_identities;
pub mod scripted_secrets;
mod toy_digest;
