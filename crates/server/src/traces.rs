//! Traces: spans of requests, jobs and mails that leave the process as OTLP over HTTP, where a collector is named.
//!
//! Without the cargo feature `otlp` there are none. The `OTEL_…` variables of the OpenTelemetry specification say how they are
//! sampled, batched, named and sent.

#[cfg(feature = "otlp")]
mod caller_trace;
#[cfg(feature = "otlp")]
mod otlp;
#[cfg(feature = "otlp")]
mod quiet_exporter;

#[cfg(feature = "otlp")]
pub(crate) use otlp::start;

use tracing_subscriber::{Layer, Registry};

/// What listens to spans.
pub(crate) type SpanLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Traces that are collected.
pub(crate) struct Traces {
    /// Listens to spans.
    pub(crate) spans: SpanLayer,
    /// Sends what is left when it is dropped, for a bounded time.
    pub(crate) end: TracesEnd,
}

#[cfg(feature = "otlp")]
pub(crate) use otlp::TracesEnd;

/// Nothing is ever left.
#[cfg(not(feature = "otlp"))]
pub(crate) enum TracesEnd {}

/// None; an endpoint is refused, so that nobody waits for traces that never come.
#[cfg(not(feature = "otlp"))]
pub(crate) fn start(
    config: &gatewright::config::observation::ObservationConfig,
) -> Result<Option<Traces>, crate::exit::Failure> {
    match config.otlp_endpoint {
        None => Ok(None),
        Some(_) => Err(crate::exit::Failure::Usage(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and this program was built without the feature otlp".to_owned(),
        )),
    }
}
