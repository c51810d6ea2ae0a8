//! Schedulers over one store in memory. Tokio's clock is paused: nobody waits for real, and time passes when everybody waits.

#![expect(clippy::unwrap_used, reason = "a test that fails panics")]

mod jobs;
mod mails;
mod stopping;
mod world;
