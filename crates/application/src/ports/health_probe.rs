//! Asking a dependency whether it works.

use crate::ports::error::PortError;
use async_trait::async_trait;

/// What the service is without a dependency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Importance {
    /// Of no use: requests should go elsewhere.
    Needed,
    /// Slower, or late with something; requests are answered all the same.
    Degrading,
}

/// One dependency.
#[async_trait]
pub trait HealthProbe: Send + Sync {
    /// Its name in `/health/ready`: `database`, `mail`, …
    fn name(&self) -> &'static str;

    /// What the service is without it.
    fn importance(&self) -> Importance {
        Importance::Needed
    }

    /// Does the least that shows it works. Who asks may go away at any time.
    async fn check(&self) -> Result<(), PortError>;
}
