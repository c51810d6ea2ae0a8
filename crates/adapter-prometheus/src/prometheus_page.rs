//! The page that Prometheus collects.

use crate::gauge_series::name_of;
use crate::process_gauges;
use crate::registry::Registry;
use async_trait::async_trait;
use gatewright_application::ports::gauges::{AskedGaugeSource, Gauge, GaugeSource, MetricsPage};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

/// How long a source may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// For how long an answer is good enough: whoever looks more often than that asks nobody.
const FRESH: Duration = Duration::from_secs(1);

/// The Prometheus text format, version 0.0.4.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The [`MetricsPage`] port. A gauge whose source does not answer is `NaN`.
pub struct PrometheusPage {
    registry: Arc<Registry>,
    sources: Vec<Arc<dyn GaugeSource>>,
    asked: Mutex<AskedSources>,
    pub(crate) patience: Duration,
    pub(crate) fresh: Duration,
}

struct AskedSources {
    sources: Vec<AskedSource>,
    fresh_until: Option<Instant>,
}

struct AskedSource {
    source: Arc<dyn AskedGaugeSource>,
    /// What it told once.
    knows: Vec<Gauge>,
}

impl PrometheusPage {
    pub(crate) fn new(
        registry: Arc<Registry>,
        sources: Vec<Arc<dyn GaugeSource>>,
        asked: Vec<Arc<dyn AskedGaugeSource>>,
    ) -> Self {
        let asked = asked.into_iter().map(|source| AskedSource {
            source,
            knows: Vec::new(),
        });
        Self {
            registry,
            sources,
            asked: Mutex::new(AskedSources {
                sources: asked.collect(),
                fresh_until: None,
            }),
            patience: PATIENCE,
            fresh: FRESH,
        }
    }

    async fn ask(&self) {
        let mut asked = self.asked.lock().await;
        let now = Instant::now();
        if asked.fresh_until.is_some_and(|until| now < until) {
            return;
        }
        for AskedSource { source, knows } in &mut asked.sources {
            if let Ok(Ok(told)) = timeout(self.patience, source.ask()).await {
                *knows = told.iter().map(|(gauge, _)| *gauge).collect();
                for (gauge, value) in told {
                    set(&self.registry, gauge, value);
                }
            } else {
                for gauge in knows {
                    set(&self.registry, *gauge, f64::NAN);
                }
            }
        }
        asked.fresh_until = Some(Instant::now() + self.fresh);
    }
}

#[async_trait]
impl MetricsPage for PrometheusPage {
    fn media_type(&self) -> &'static str {
        MEDIA_TYPE
    }

    async fn text(&self) -> String {
        self.ask().await;
        for source in &self.sources {
            source.read(&mut |gauge, value| set(&self.registry, gauge, value));
        }
        let process = spawn_blocking(process_gauges::read).await;
        for (name, value) in process.unwrap_or_default() {
            self.registry.gauge(name, Vec::new()).set(value);
        }
        self.registry.text()
    }
}

fn set(registry: &Registry, gauge: Gauge, value: f64) {
    let (name, labels) = name_of(gauge);
    registry.gauge(name, labels).set(value);
}
