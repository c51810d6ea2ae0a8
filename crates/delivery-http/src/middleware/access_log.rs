//! One line a request.

use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};
use gatewright_domain::Duration;

/// The pattern of the route that a request met, without its values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoutePattern(pub(crate) &'static str);

impl RoutePattern {
    /// Of the route that answered `request`.
    pub(super) fn of(request: &HttpRequest) -> &'static str {
        request.app_data::<Self>().map_or("-", |pattern| pattern.0)
    }
}

/// Writes the line: never a query, a body or a token, and of the path the pattern only.
pub(super) fn write(method: &Method, route: &'static str, status: StatusCode, duration: Duration) {
    tracing::info!(
        target: "gatewright::access",
        method = method.as_str(),
        route,
        status = status.as_u16(),
        duration_ms = duration.as_seconds_f64().max(0.0) * 1000.0,
        "request"
    );
}
