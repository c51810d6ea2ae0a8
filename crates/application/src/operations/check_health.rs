//! Use case: ask a dependency whether it works.

use crate::ports::error::PortError;
use crate::ports::health_probe::{HealthProbe, Importance};
use std::sync::Arc;

/// What is to be asked. How often, how long and how many at once is up to whoever asks.
#[derive(Clone)]
pub struct CheckHealth {
    /// One a dependency.
    pub probes: Vec<Arc<dyn HealthProbe>>,
}

/// What one dependency answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DependencyHealth {
    /// Its name.
    pub name: &'static str,
    /// What the service is without it.
    pub importance: Importance,
    /// Why it does not work, for the log; `None` where it does.
    pub fault: Option<PortError>,
}

impl CheckHealth {
    /// Asks one of [`probes`](Self::probes).
    pub async fn execute(&self, probe: &dyn HealthProbe) -> DependencyHealth {
        DependencyHealth {
            fault: probe.check().await.err(),
            name: probe.name(),
            importance: probe.importance(),
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
            fault: Some(PortError::Unavailable {
                dependency: probe.name(),
                reason: "it does not answer in time".to_owned(),
            }),
        }
    }

    /// Whether it works.
    #[must_use]
    pub fn works(&self) -> bool {
        self.fault.is_none()
    }
}
