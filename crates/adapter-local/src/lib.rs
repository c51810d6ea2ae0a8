//! Ports that one process answers from its own memory.
//!
//! [`MokaRememberedIdentities`](remembered_identities::MokaRememberedIdentities) is used wherever the service runs;
//! [`LocalRateLimiter`](rate_limiter::LocalRateLimiter) and [`LocalAnnouncements`](announcements::LocalAnnouncements) where
//! nothing is shared with other processes, the former also while what is shared is away. The crate imports the application,
//! the domain, moka, governor and sha2.
//!
//! Start reading at [`remembered_identities`].

pub mod announcements;
mod identity_index;
pub mod rate_limiter;
pub mod remembered_identities;
