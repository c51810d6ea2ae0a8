//! What tests and benchmarks of the whole server share: the real binary on a free port with a data directory
//! of its own, an HTTP client that keeps what it saw, and a reader of the mails it sent.
//!
//! Where the server runs in several processes, and on what, is chosen by [`set::Set`]; a test need not know.
//!
//! It imports no crate that the server is made of: a test from outside knows what a client knows. Start reading at
//! [`server::Server`].

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has to stop")]
#![expect(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "most of it asserts something"
)]

pub mod answer;
pub mod binary;
pub mod client;
pub mod environment;
pub mod mailbox;
pub mod replica;
pub mod scheduler;
pub mod server;
pub mod set;

mod schema;
