//! How much is going on at this moment.

use gatewright_application::ports::gauges::{Gauge, GaugeSource};
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts open connections and unanswered requests.
#[derive(Debug, Default)]
pub struct Traffic {
    connections: AtomicU32,
    requests: AtomicU32,
}

impl Traffic {
    pub(crate) fn connection_opened(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connection_closed(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn request_began(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn request_ended(&self) {
        self.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

impl GaugeSource for Traffic {
    fn read(&self, found: &mut dyn FnMut(Gauge, f64)) {
        found(Gauge::HttpConnections, self.connections.load(Ordering::Relaxed).into());
        found(
            Gauge::HttpRequestsInFlight,
            self.requests.load(Ordering::Relaxed).into(),
        );
    }
}
