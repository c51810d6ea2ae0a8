//! Limits of how often something may be done, shared by every process.

use crate::ports::error::PortError;
use async_trait::async_trait;
use gatewright_domain::abuse::rate_limit::{RateDecision, RateLimit};

/// Admits or refuses, and counts. Speed, not truth: it may lose what it counted when it restarts, so nothing that is
/// single-use and no try of a code depends on it alone.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Counts one against `limit` before whatever is limited happens. MUST be atomic: of any number of simultaneous calls, from
    /// any number of processes, no more than the burst is admitted. A refused call MUST NOT be counted, and MUST begin the
    /// limit's cool-down, which refused calls meanwhile do not lengthen. Time is the counting server's own, so that processes
    /// whose clocks differ share one budget.
    async fn admit(&self, limit: &RateLimit) -> Result<RateDecision, PortError>;
}
