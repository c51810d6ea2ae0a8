//! What the dependencies answered last.

use futures_util::future::join_all;
use gatewright_application::operations::check_health::{CheckHealth, DependencyHealth};
use gatewright_application::ports::health_probe::HealthProbe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long a dependency may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// For how long an answer is good enough.
const FRESH: Duration = Duration::from_millis(250);

/// Asks all dependencies at once, for everybody who wants to know at that moment: however many ask, each dependency is asked a
/// few times a second.
pub(crate) struct HealthBoard {
    check: CheckHealth,
    last: Mutex<Option<Reading>>,
}

struct Reading {
    taken_at: Instant,
    dependencies: Arc<[DependencyHealth]>,
}

impl HealthBoard {
    pub(crate) fn new(check: CheckHealth) -> Self {
        Self {
            check,
            last: Mutex::new(None),
        }
    }

    /// How the dependencies are. Who comes while they are being asked waits for the same answer.
    pub(crate) async fn read(&self) -> Arc<[DependencyHealth]> {
        let mut last = self.last.lock().await;
        if let Some(reading) = &*last
            && reading.taken_at.elapsed() < FRESH
        {
            return Arc::clone(&reading.dependencies);
        }
        let answers = self.check.probes.iter().map(|probe| self.ask(probe.as_ref()));
        let dependencies: Arc<[DependencyHealth]> = join_all(answers).await.into();
        tell_changes(last.as_ref().map(|reading| &*reading.dependencies), &dependencies);
        *last = Some(Reading {
            taken_at: Instant::now(),
            dependencies: Arc::clone(&dependencies),
        });
        dependencies
    }

    async fn ask(&self, probe: &dyn HealthProbe) -> DependencyHealth {
        let answer = timeout(PATIENCE, self.check.execute(probe)).await;
        answer.unwrap_or_else(|_| DependencyHealth::silent(probe))
    }
}

/// Says when a dependency stops working, and when it works again; not each time that somebody asks.
fn tell_changes(before: Option<&[DependencyHealth]>, now: &[DependencyHealth]) {
    for (place, dependency) in now.iter().enumerate() {
        let worked = before
            .and_then(|before| before.get(place))
            .is_none_or(DependencyHealth::works);
        match &dependency.fault {
            Some(error) if worked => tracing::warn!(dependency = dependency.name, %error, "a dependency does not work"),
            None if !worked => tracing::info!(dependency = dependency.name, "a dependency works again"),
            _ => {}
        }
    }
}
