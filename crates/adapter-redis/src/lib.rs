//! What the processes on one database share through Redis: rate limits, counters, announcements.
//!
//! Redis is speed here, not truth: it may be away, and may lose everything it holds, and nobody is signed out or let in for
//! that. Every call ends within the configured time; when Redis does not answer, calls fail at once until it does again.
//!
//! [`Redis`] is the link that [`RedisRateLimiter`], [`RedisAttemptCounters`] and [`RedisHealth`] share;
//! [`RedisAnnouncements`] has a connection of its own, because its promise rests on the order of what comes over one. Both take
//! their way from [`RedisOptions`]: one server, one behind TLS, or a cluster. Connections live on the runtime that is handed
//! in, so that no worker's work stalls another's. The crate imports the application, the domain, and redis through deadpool.
//!
//! What a user of an ACL needs: `~<prefix>*` and `~{<prefix>*` (keys), `&<prefix>*` (channels), `+@read +@write +@scripting
//! +@pubsub +@connection +time`, in a cluster `+cluster` as well.
//!
//! Start reading at [`announcements`] for how several processes forget together, at [`link`] for how a call is bounded.

pub mod announcements;
pub mod attempt_counters;
mod authorities;
mod error;
pub mod health;
mod keys;
pub mod link;
pub mod options;
pub mod rate_limiter;
mod script;

pub use announcements::RedisAnnouncements;
pub use attempt_counters::RedisAttemptCounters;
pub use health::RedisHealth;
pub use link::Redis;
pub use options::RedisOptions;
pub use rate_limiter::RedisRateLimiter;
