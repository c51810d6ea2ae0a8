//! What can be seen of the process while it works.

use crate::wiring::storage::{Database, PostgresDatabase};
use gatewright_adapter_prometheus::PrometheusMeasurements;
use gatewright_application::operations::outbox_gauges::OutboxGauges;
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::gauges::{Gauge, GaugeSource};
use gatewright_application::ports::outbox::Outbox;
use gatewright_delivery_http::state::Observation;
use gatewright_delivery_http::traffic::Traffic;
use std::sync::Arc;

/// Everything that is shown on the page of metrics.
pub(crate) struct Observed {
    pub(crate) measurements: Arc<PrometheusMeasurements>,
    pub(crate) hasher: Arc<dyn GaugeSource>,
    pub(crate) database: Database,
    pub(crate) redis: Option<Arc<dyn GaugeSource>>,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Observed {
    /// As the HTTP side wants it.
    pub(crate) fn observation(self) -> Observation {
        let traffic: Arc<Traffic> = Arc::default();
        let mut sources: Vec<Arc<dyn GaugeSource>> = vec![traffic.clone(), self.hasher];
        sources.extend(self.redis);
        if let Database::Postgres(database) = self.database {
            sources.push(Arc::new(PoolGauges(database)));
        }
        let outbox = OutboxGauges {
            outbox: self.outbox,
            clock: self.clock,
        };
        Observation {
            metrics: Some(Arc::new(self.measurements.page(sources, vec![Arc::new(outbox)]))),
            measurements: self.measurements,
            traffic,
        }
    }
}

/// The connections to `PostgreSQL`.
struct PoolGauges(PostgresDatabase);

impl GaugeSource for PoolGauges {
    #[expect(clippy::cast_precision_loss, reason = "there are fewer connections than that")]
    fn read(&self, found: &mut dyn FnMut(Gauge, f64)) {
        let status = self.0.store.pool_status();
        found(Gauge::DatabasePoolIdle, status.idle as f64);
        found(Gauge::DatabasePoolInUse, status.size.saturating_sub(status.idle) as f64);
        found(Gauge::DatabasePoolWaiting, status.waiting as f64);
    }
}
