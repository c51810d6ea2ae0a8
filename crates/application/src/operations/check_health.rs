//! Use case: ask every dependency whether it works.

use crate::ports::health_probe::HealthProbe;
use std::sync::Arc;

/// Asks all probes.
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
    /// Whether it works.
    pub works: bool,
}

impl CheckHealth {
    /// Asks them one after the other; each probe bounds its own time.
    pub async fn execute(&self) -> Vec<DependencyHealth> {
        let mut answers = Vec::with_capacity(self.probes.len());
        for probe in &self.probes {
            let outcome = probe.check().await;
            if let Err(error) = &outcome {
                tracing::warn!(dependency = probe.name(), %error, "dependency does not work");
            }
            answers.push(DependencyHealth {
                name: probe.name(),
                works: outcome.is_ok(),
            });
        }
        answers
    }
}
