//! A request's span in a trace, where traces are collected.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::http::{Method, StatusCode};
use gatewright_application::operations::traces;
use tracing::Span;
use tracing::field::Empty;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Version, trace, parent and flags, with dashes between them.
const TRACEPARENT_LENGTH: usize = 55;

/// The span of a request, below the span that its caller names, if any. What it is named for is known once it is
/// answered: of the path the pattern alone is told, since paths and queries may hold what is secret.
pub(super) fn begin(request: &ServiceRequest, request_id: &str) -> Span {
    tracing::info_span!(
        target: traces::TARGET,
        "request",
        otel.kind = "server",
        otel.name = Empty,
        otel.status_code = Empty,
        traceparent = caller(request.headers()),
        http.request.method = request.method().as_str(),
        http.route = Empty,
        http.response.status_code = Empty,
        request_id,
    )
}

/// Tells how it was answered, in the words of OpenTelemetry's conventions.
pub(super) fn end(span: &Span, method: &Method, route: &str, status: StatusCode) {
    if span.is_disabled() {
        return;
    }
    span.record("otel.name", format!("{method} {route}"));
    span.record("http.route", route);
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
