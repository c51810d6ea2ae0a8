//! What can be seen of a process while it works, besides its log.

use crate::config::parse::socket_address;
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use std::net::SocketAddr;
use url::Url;

pub(crate) const METRICS_BIND: Setting = Setting::derived(
    "METRICS_BIND",
    "none: `/metrics` is on the port of BIND in development, and nowhere in production",
    "127.0.0.1:9464",
    "address and port of a listener of its own for `/metrics` and `/health`, for the server and for `gatewright-scheduler`",
);
pub(crate) const OTEL_EXPORTER_OTLP_ENDPOINT: Setting = Setting::derived(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "none: no traces are sent",
    "http://localhost:4318",
    "where traces go, as OTLP over HTTP; the other `OTEL_…` variables of the OpenTelemetry specification count as well",
);

/// What can be seen of a process.
#[derive(Debug, Clone)]
pub struct ObservationConfig {
    /// A listener for metrics and health.
    pub metrics_bind: Option<SocketAddr>,
    /// Where traces go.
    pub otlp_endpoint: Option<Url>,
}

impl ObservationConfig {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        let metrics_bind = reader.read_optional(&METRICS_BIND, socket_address);
        let otlp_endpoint = reader.read_optional(&OTEL_EXPORTER_OTLP_ENDPOINT, web_url);
        Ok(Self {
            metrics_bind: metrics_bind?,
            otlp_endpoint: otlp_endpoint?,
        })
    }
}

fn web_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| "is not an http or https URL".to_owned())
}
