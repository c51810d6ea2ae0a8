//! Measurements in the Prometheus text format, on `metrics-exporter-prometheus`.
//!
//! There is no global recorder: each [`PrometheusMeasurements`] owns its registry, so any number of them may live in one process.
//! The crate imports the application's ports. Start reading at [`PrometheusMeasurements`], then [`PrometheusPage`], which
//! reads the gauges and writes the text.

mod gauge_series;
mod process_gauges;
mod prometheus_measurements;
mod prometheus_page;
mod registry;
mod request_series;

pub use prometheus_measurements::PrometheusMeasurements;
pub use prometheus_page::PrometheusPage;
