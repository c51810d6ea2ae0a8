//! One line a request.

use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};
use gatewright_domain::Duration;

/// Where no route was met.
pub(super) const UNMATCHED: &str = "unmatched";

/// The pattern of the route that a request met, without its values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoutePattern(pub(crate) &'static str);

impl RoutePattern {
    /// Of the route that answered `request`.
    pub(super) fn of(request: &HttpRequest) -> &'static str {
        request.app_data::<Self>().map_or(UNMATCHED, |pattern| pattern.0)
    }
}

/// Writes the line: never a query, a body or a token, and of the path the pattern only.
pub(super) fn write(method: &Method, route: &'static str, status: StatusCode, duration: Duration) {
    tracing::info!(
        target: "gatewright::access",
        method = method.as_str(),
        route,
        status = status.as_u16(),
        duration_ms = milliseconds(duration),
        "request"
    );
}

/// In microseconds' precision; a clock that was set back counts as no time.
fn milliseconds(duration: Duration) -> f64 {
    let micros = duration.whole_microseconds().max(0);
    f64::from(u32::try_from(micros).unwrap_or(u32::MAX)) / 1000.0
}
