//! Administration: what needs more than one's own account.

pub mod create_administrator;
