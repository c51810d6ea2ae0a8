//! The whole route table.

use crate::middleware::Envelope;
use crate::problem::Problem;
use crate::state::HttpState;
use crate::{account, development, endpoint::Endpoint, operations, pages, password, registration, session};
use actix_cors::Cors;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName};
use actix_web::middleware::Condition;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Route, Scope};
use std::sync::Arc;

/// For how long browsers may remember what a preflight allowed, in seconds.
const PREFLIGHT_MAX_AGE: usize = 600;

/// Mounts everything: `App::new().configure(configure(state))`, or the same in a scope of a host application,
/// whose path then belongs into the public base URL. Whatever the host has at the same level goes before it,
/// since paths that nobody knows are answered here.
pub fn configure(state: Arc<HttpState>) -> impl FnOnce(&mut ServiceConfig) {
    let state = web::Data::from(state);
    move |config| {
        let cors = Condition::new(!state.settings.cors_origins.is_empty(), cors(&state));
        let with_metrics = state.settings.metrics_on_main_port && state.observation.metrics.is_some();
        let endpoints = endpoints(state.mailbox.is_some(), with_metrics);
        config.service(scope(endpoints, &state).wrap(cors).wrap(Envelope(state.clone())));
        config.default_service(nothing_there().wrap(Envelope(state)));
    }
}

/// Mounts what is for those who watch the process: metrics and health.
pub fn configure_observation(state: Arc<HttpState>) -> impl FnOnce(&mut ServiceConfig) {
    let state = web::Data::from(state);
    move |config| {
        let mut endpoints = health_endpoints();
        endpoints.push(metrics_endpoint());
        config.service(scope(endpoints, &state).wrap(Envelope(state.clone())));
        config.default_service(nothing_there().wrap(Envelope(state)));
    }
}

fn scope(endpoints: Vec<Endpoint>, state: &web::Data<HttpState>) -> Scope {
    endpoints
        .into_iter()
        .fold(Scope::new(""), |scope, endpoint| {
            scope.service(endpoint.into_resource())
        })
        .app_data(state.clone())
        .default_service(nothing_there())
}

/// Also for what is no path at all, as in `OPTIONS *`.
fn nothing_there() -> Route {
    web::to(async || Err::<HttpResponse, _>(Problem::not_found()))
}

/// Every address, and what answers there.
pub(crate) fn endpoints(with_mailbox: bool, with_metrics: bool) -> Vec<Endpoint> {
    let mut endpoints = account_endpoints();
    endpoints.extend(sign_in_endpoints());
    endpoints.extend(operations_endpoints());
    endpoints.extend(health_endpoints());
    endpoints.extend(page_endpoints());
    if with_metrics {
        endpoints.push(metrics_endpoint());
    }
    if with_mailbox {
        endpoints.extend([
            Endpoint::at("/dev/mail").get(development::list_mail::handle),
            Endpoint::at("/dev/mail/{id}").get(development::show_mail::handle),
            Endpoint::at("/dev/mail/{id}/html").get(development::show_mail_html::handle),
        ]);
    }
    endpoints
}

fn account_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v1/users/me")
            .get(account::show_account::handle)
            .on(Method::PATCH, account::update_profile::handle)
            .on(Method::PUT, account::update_profile::handle_put)
            .on(Method::DELETE, account::delete_account::handle),
        Endpoint::at("/api/v1/users/me/password").on(Method::POST, password::change_password::handle),
        Endpoint::at("/api/v1/users/me/email").on(Method::POST, account::request_email_change::handle),
        Endpoint::at("/api/v1/users/me/email/verify").on(Method::POST, account::verify_email_change::handle),
        Endpoint::at("/api/v1/users/me/sessions")
            .get(session::list_sessions::handle)
            .on(Method::DELETE, session::end_other_sessions::handle),
        Endpoint::at("/api/v1/users/me/sessions/{id}").on(Method::DELETE, session::end_session::handle),
    ]
}

fn sign_in_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v1/auth/login")
            .post_form(session::sign_in::handle_form)
            .on(Method::POST, session::sign_in::handle),
        Endpoint::at("/api/v1/auth/refresh").on(Method::POST, session::rotate_refresh_token::handle),
        Endpoint::at("/api/v1/auth/logout").on(Method::POST, session::sign_out::handle),
        Endpoint::at("/api/v1/auth/logout-all").on(Method::POST, session::sign_out_everywhere::handle),
        Endpoint::at("/api/v1/auth/register").on(Method::POST, registration::register_account::handle),
        Endpoint::at("/api/v1/auth/register/verify").on(Method::POST, registration::verify_registration::handle),
        Endpoint::at("/api/v1/auth/register/resend").on(Method::POST, registration::resend_registration::handle),
        Endpoint::at("/api/v1/auth/password/forgot").on(Method::POST, password::request_password_reset::handle),
        Endpoint::at("/api/v1/auth/password/reset").on(Method::POST, password::reset_password::handle),
    ]
}

fn operations_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/.well-known/paseto-keys").get(operations::published_keys::handle),
        Endpoint::at("/openapi.json").get(operations::docs::document),
        Endpoint::at("/docs").get(operations::docs::page),
        Endpoint::at("/docs/{asset}").get(operations::docs::asset),
    ]
}

fn health_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/health").get(operations::health::summary),
        Endpoint::at("/health/live").get(operations::health::live),
        Endpoint::at("/health/ready").get(operations::health::ready),
    ]
}

fn metrics_endpoint() -> Endpoint {
    Endpoint::at("/metrics").get(operations::metrics::handle)
}

fn page_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/verify-registration")
            .get(pages::verify_registration::show)
            .on(Method::POST, pages::verify_registration::submit),
        Endpoint::at("/verify-email")
            .get(pages::verify_email::show)
            .on(Method::POST, pages::verify_email::submit),
        Endpoint::at("/reset-password")
            .get(pages::reset_password::show)
            .on(Method::POST, pages::reset_password::submit),
        Endpoint::at("/forgot-password")
            .get(pages::forgot_password::show)
            .on(Method::POST, pages::forgot_password::submit),
        Endpoint::at("/pages.css").get(pages::stylesheet::handle),
    ]
}

/// Cross-origin requests, from listed origins only and without echoing any other.
fn cors(state: &HttpState) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .allowed_headers(["device-id", "x-request-id"].map(HeaderName::from_static))
        .expose_headers([header::RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .supports_credentials()
        .max_age(PREFLIGHT_MAX_AGE);
    let origins = &state.settings.cors_origins;
    origins.iter().fold(cors, |cors, url| {
        cors.allowed_origin(&url.origin().ascii_serialization())
    })
}
