//! Rows, one file an aggregate: what is stored of an entity, and the entity back from it.
//!
//! Reading checks everything again by the domain's own parsers; what they refuse is
//! [`Corrupt`](gatewright_application::ports::error::PortError::Corrupt).
//!
//! What is missing is stored as null and not as the column's default: the statement's text stays the same, and the
//! statement prepared.

#![expect(
    clippy::ref_option_ref,
    reason = "diesel's derives refer to fields, also to those that are optional references"
)]

pub(crate) mod audit_events;
pub(crate) mod challenges;
pub(crate) mod columns;
pub(crate) mod jobs;
pub(crate) mod outbox;
pub(crate) mod registrations;
pub(crate) mod sessions;
pub(crate) mod users;
