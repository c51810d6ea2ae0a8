//! Reads: one prepared statement each, so that each sees one state of the database and costs one round trip.

pub(crate) mod outbox;
pub(crate) mod registrations;
pub(crate) mod sessions;
pub(crate) mod users;
