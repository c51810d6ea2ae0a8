//! What tests and benchmarks of the whole server share: the real binary on a free port with a data directory
//! of its own, an HTTP client that keeps what it saw, and a reader of the mails it sent.
//!
//! It imports no crate of the workspace: a test from outside knows what a client knows. Start reading at
//! [`server::Server`].

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has to stop")]
#![expect(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "most of it asserts something"
)]

pub mod answer;
pub mod client;
pub mod mailbox;
pub mod server;
