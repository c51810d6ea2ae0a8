//! A request's span in a trace, where traces are collected.

use crate::middleware::access_log::UNMATCHED;
use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName};
use gatewright_application::operations::traces;
use tracing::field::Empty;
use tracing::{Level, Span};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Version, trace, parent and flags, with dashes between them.
const TRACEPARENT_LENGTH: usize = 55;

/// Methods that are told by name; clients may write any word.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The span of a request, below the span that its caller names, if any, in the words of OpenTelemetry's conventions. Of the
/// path the pattern alone is told, since paths and queries may hold what is secret.
pub(super) fn begin(request: &ServiceRequest, request_id: &str) -> Span {
    if !tracing::span_enabled!(target: traces::TARGET, Level::INFO) {
        return Span::none();
    }
    let route = request.match_pattern();
    let route = route.as_deref().unwrap_or(UNMATCHED);
    let method = METHODS.into_iter().find(|name| *name == request.method().as_str());
    tracing::info_span!(
        target: traces::TARGET,
        "request",
        otel.kind = "server",
        otel.name = format!("{} {route}", method.unwrap_or("HTTP")),
        otel.status_code = Empty,
        traceparent = caller(request.headers()),
        http.request.method = method.unwrap_or("_OTHER"),
        http.route = route,
        http.response.status_code = Empty,
        request_id,
    )
}

/// Tells how it was answered.
pub(super) fn end(span: &Span, status: StatusCode) {
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}

/// The caller's place in its trace (W3C Trace Context §3.2), where it is of the form that is known. What it means is up to
/// whoever collects.
fn caller(headers: &HeaderMap) -> Option<&str> {
    let place = headers.get(TRACEPARENT)?.to_str().ok()?;
    let plain = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    (place.len() == TRACEPARENT_LENGTH && place.bytes().all(plain)).then_some(place)
}
