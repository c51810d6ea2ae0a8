//! The exporter and what feeds it.

use crate::exit::Failure;
use crate::traces::Traces;
use crate::traces::caller_trace::CallerTrace;
use crate::traces::quiet_exporter::QuietExporter;
use gatewright::config::observation::ObservationConfig;
use gatewright_application::operations::traces::TARGET;
use opentelemetry::trace::TracerProvider;
use opentelemetry::{Key, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider};
use reqwest::blocking::Client;
use std::env;
use std::error::Error;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;

/// Where traces alone go: it stands above the endpoint for everything, and the exporter reads it by itself.
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
/// How long a delivery may take, as the specification has it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the end of the process waits for a collector.
const LAST_PATIENCE: Duration = Duration::from_secs(2);

/// Sends what is left when it is dropped, for a bounded time.
pub(crate) struct TracesEnd(SdkTracerProvider);

/// Starts the thread that sends spans, where `config` names a collector. Nobody else waits for it: spans that find no place in
/// its line are dropped.
///
/// # Errors
/// [`Failure`] where the settings make no exporter; whether the collector is there shows later.
pub(crate) fn start(config: &ObservationConfig) -> Result<Option<Traces>, Failure> {
    let Some(endpoint) = &config.otlp_endpoint else {
        return Ok(None);
    };
    let exporter = exporter(endpoint.as_str()).map_err(Failure::other)?;
    let provider = SdkTracerProvider::builder()
        .with_resource(resource())
        .with_span_processor(BatchSpanProcessor::builder(QuietExporter::new(exporter)).build())
        .build();
    let spans = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("gatewright"))
        .with_location(false)
        .with_threads(false)
        .with_level(false)
        .with_target(false)
        .with_tracked_inactivity(false);
    let spans = CallerTrace(spans).with_filter(Targets::new().with_target(TARGET, LevelFilter::TRACE));
    Ok(Some(Traces {
        spans: Box::new(spans),
        end: TracesEnd(provider),
    }))
}

fn exporter(endpoint: &str) -> Result<SpanExporter, Box<dyn Error>> {
    let builder = || {
        let builder = SpanExporter::builder().with_http();
        if env::var_os(TRACES_ENDPOINT).is_some_and(|value| !value.is_empty()) {
            return builder;
        }
        // The setting may stand in .env, which the exporter does not read.
        builder.with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
    };
    if let Ok(exporter) = builder().build() {
        return Ok(exporter);
    }
    // On a machine without a list of authorities no client can be made that would ask one. Over plain HTTP none is needed,
    // and over TLS it shows at the first delivery.
    let trusting_nobody = Client::builder().tls_certs_only([]).timeout(PATIENCE).build()?;
    Ok(builder().with_http_client(trusting_nobody).build()?)
}

/// Who sends: by the name that `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` give, or ours.
fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let given = Resource::builder().with_attribute(version.clone()).build();
    let name = given.get(&Key::from_static_str("service.name"));
    if name.is_some_and(|name| !name.as_str().starts_with("unknown_service")) {
        return given;
    }
    Resource::builder()
        .with_attribute(version)
        .with_service_name("gatewright")
        .build()
}

impl Drop for TracesEnd {
    fn drop(&mut self) {
        // A collector that is away was told of already.
        let _ = self.0.shutdown_with_timeout(LAST_PATIENCE);
    }
}
