//! Asking a dependency whether it works.

use crate::ports::error::PortError;
use async_trait::async_trait;

/// One dependency.
#[async_trait]
pub trait HealthProbe: Send + Sync {
    /// Its name in `/health/ready`: `database`, `mail`, …
    fn name(&self) -> &'static str;

    /// Does the least that shows it works.
    async fn check(&self) -> Result<(), PortError>;
}
