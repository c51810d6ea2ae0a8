//! Abuse control: what is counted, and how much of it is too much.

pub mod quota;
pub mod rate_limit;
