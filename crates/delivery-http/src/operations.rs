//! What operators and other services ask for.

pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod health_board;
pub(crate) mod metrics;
pub(crate) mod published_keys;
