//! The pure rules of user authentication: value objects, entities and decisions.
//!
//! Nothing here reads a clock, draws randomness, performs I/O, is async or knows a wire format:
//! times and random values are handed in, decisions are handed back. The crate imports no other
//! crate of the workspace.
//!
//! Start reading at [`account::registration`] for how an account comes to be, at
//! [`session::refresh`] for refresh token rotation and reuse detection, and at
//! [`password::policy`] for what makes a password acceptable.

pub mod abuse;
pub mod access;
pub mod account;
pub mod password;
pub mod session;

/// A moment in UTC, in whole microseconds (what every supported database keeps).
pub type Timestamp = time::OffsetDateTime;

/// A signed span of time.
pub type Duration = time::Duration;
