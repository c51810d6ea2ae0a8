//! Finishing what was begun.

use crate::ports::error::PortError;
use async_trait::async_trait;
use std::pin::Pin;

/// Something to be done to its end.
pub type Work = Pin<Box<dyn Future<Output = Result<(), PortError>> + Send>>;

/// Runs work that must not stop half-way because whoever asked for it went away: a client that closes its
/// connection drops the future of its request at whatever await it stands.
#[async_trait]
pub trait Uninterrupted: Send + Sync {
    /// Runs `work` and answers what it answered. MUST go on with it when the caller goes away.
    async fn run(&self, work: Work) -> Result<(), PortError>;
}
