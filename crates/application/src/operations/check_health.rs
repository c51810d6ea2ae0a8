//! Use case: ask a dependency whether it works.

use crate::ports::health_probe::{HealthProbe, Importance};
use std::sync::Arc;

/// What is to be asked. How often, how long and how many at once is up to whoever asks.
#[derive(Clone)]
pub struct CheckHealth {
    /// One a dependency.
    pub probes: Vec<Arc<dyn HealthProbe>>,
}

/// What one dependency answered. Why it does not work is logged, not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DependencyHealth {
    /// Its name.
    pub name: &'static str,
    /// What the service is without it.
    pub importance: Importance,
    /// Whether it works.
    pub works: bool,
}

impl CheckHealth {
    /// Asks one of [`probes`](Self::probes).
    pub async fn execute(&self, probe: &dyn HealthProbe) -> DependencyHealth {
        let outcome = probe.check().await;
        if let Err(error) = &outcome {
            tracing::warn!(dependency = probe.name(), %error, "dependency does not work");
        }
        DependencyHealth {
            works: outcome.is_ok(),
            ..DependencyHealth::silent(probe)
        }
    }
}

impl DependencyHealth {
    /// Of a dependency that gave no answer in time.
    #[must_use]
    pub fn silent(probe: &dyn HealthProbe) -> Self {
        Self {
            name: probe.name(),
            importance: probe.importance(),
            works: false,
        }
    }
}
