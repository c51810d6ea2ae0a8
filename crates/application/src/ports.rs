//! The ports: what the use cases need from the outside, one trait a file.
//!
//! Storage ports come in three kinds. *Reads* look things up. *Claims* are methods in which the
//! statement is the rule: take one of n attempts, claim a due mail. *Changes* are what a use case
//! decided, as a list of values handed over once ([`change::Changes::apply`]): all of them happen
//! or none does. No transaction crosses a port. Every "MUST" below is a case of the contract suite.

pub mod access_tokens;
pub mod announcements;
pub mod attempt_counters;
pub mod challenges;
pub mod change;
pub mod clock;
pub mod digests;
pub mod error;
pub mod expired_rows;
pub mod gauges;
pub mod health_probe;
pub mod job_pace;
pub mod jobs;
pub mod mail_renderer;
pub mod mail_sealer;
pub mod mail_transport;
pub mod measurements;
pub mod outbox;
pub mod outbox_signal;
pub mod password_blocklist;
pub mod password_hasher;
pub mod rate_limiter;
pub mod refresh_tokens;
pub mod registrations;
pub mod remembered_identities;
pub mod secrets;
pub mod sessions;
pub mod signing_key_rotation;
pub mod uninterrupted;
pub mod users;
