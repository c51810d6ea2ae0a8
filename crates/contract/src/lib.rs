//! The contract of every port, as suites of test cases for whoever writes an adapter.
//!
//! A suite is one function, called from one test of the adapter:
//!
//! ```ignore
//! #[tokio::test(flavor = "multi_thread")]
//! async fn sessions_keep_the_contract() {
//!     gatewright_contract::sessions::suite(|| async { fresh_storage() }).await;
//! }
//! ```
//!
//! Suites of storage ports take a function that makes a fresh and empty [`Storage`](storage::Storage)
//! and is called once a case; the others take the adapter itself, and a second one under another key
//! where a key has to make a difference. A failing case panics with its name. Every MUST in the docs of
//! a port is a case here, and every promise in the docs of a
//! [`Change`](gatewright_application::ports::change::Change).
//!
//! What no suite can see from outside is left to the adapter's own tests: that an answered `apply` outlives
//! the loss of power, that comparisons take constant time.
//!
//! The crate imports the application's ports, the domain, and tokio to run cases and races.
//!
//! Start reading at [`storage`], then at any suite: [`challenges`] for claims and races, [`changes`]
//! for what must happen whole or not at all.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a case that fails panics: that is what a test kit is for"
)]

pub mod access_tokens;
pub mod announcements;
pub mod attempt_counters;
pub mod challenges;
pub mod changes;
pub mod clock;
pub mod digests;
pub mod expired_rows;
pub mod jobs;
pub mod mail_renderer;
pub mod mail_sealer;
pub mod mail_transport;
pub mod maintenance_storage;
pub mod outbox;
pub mod password_hasher;
pub mod rate_limiter;
pub mod refresh_tokens;
pub mod registrations;
pub mod remembered_identities;
pub mod run_job;
pub mod samples;
pub mod secrets;
pub mod sessions;
pub mod signing_key_rotation;
pub mod storage;
pub mod users;

mod exactly;
mod insertions;
mod race;
mod running;
mod two_keys;
