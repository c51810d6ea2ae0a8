//! Counters that outlive a restart.

use crate::ports::error::PortError;
use async_trait::async_trait;
use gatewright_domain::Timestamp;
use gatewright_domain::abuse::quota::Quota;

/// Takes from quotas.
#[async_trait]
pub trait AttemptCounters: Send + Sync {
    /// Takes one from each of `quotas` and answers `true`, or, where one of them is used up, takes from none and answers
    /// `false`. MUST be atomic: of any number of simultaneous calls no more than the limit succeed. A window MUST begin
    /// with the first one taken and end by itself.
    async fn take(&self, quotas: &[Quota], now: Timestamp) -> Result<bool, PortError>;
}
