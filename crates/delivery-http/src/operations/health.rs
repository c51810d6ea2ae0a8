//! `GET /health`, `/health/live` and `/health/ready`

use crate::extract::Public;
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, web};
use gatewright_application::operations::check_health::DependencyHealth;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// When to ask again, in seconds.
const RETRY_AFTER_SECONDS: u32 = 2;

/// Whether the service works.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthAnswer {
    status: HealthStatus,
}

/// Whether the service works, and each of its dependencies.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
pub(crate) struct ReadinessAnswer {
    status: HealthStatus,
    #[schema(value_type = BTreeMap<String, HealthStatus>)]
    dependencies: BTreeMap<&'static str, HealthStatus>,
}

/// In a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HealthStatus {
    /// It works.
    Ok,
    /// It does not, or is about to stop.
    Unavailable,
}

impl From<bool> for HealthStatus {
    fn from(works: bool) -> Self {
        if works { Self::Ok } else { Self::Unavailable }
    }
}

/// Whether the service works, dependencies included
#[utoipa::path(
    get, path = "/health", operation_id = "health", tag = "Operations",
    responses(
        (status = 200, body = HealthAnswer, description = "It works"),
        (status = 503, body = HealthAnswer, description = "It does not"),
    ),
)]
pub(crate) async fn summary(_guard: Public, state: web::Data<HttpState>) -> HttpResponse {
    let status = overall(&state, &state.application.check_health.execute().await);
    answer(status, &HealthAnswer { status })
}

/// Whether the process answers
///
/// For restarting it where it does not; dependencies are left out of it.
#[utoipa::path(
    get, path = "/health/live", operation_id = "liveness", tag = "Operations",
    responses((status = 200, body = HealthAnswer, description = "It answers")),
)]
pub(crate) async fn live(_guard: Public) -> HttpResponse {
    let status = HealthStatus::Ok;
    answer(status, &HealthAnswer { status })
}

/// Whether requests should be sent here
///
/// Each dependency by name. Off as soon as the process begins to stop.
#[utoipa::path(
    get, path = "/health/ready", operation_id = "readiness", tag = "Operations",
    responses(
        (status = 200, body = ReadinessAnswer, description = "Ready"),
        (status = 503, body = ReadinessAnswer, description = "Not ready"),
    ),
)]
pub(crate) async fn ready(_guard: Public, state: web::Data<HttpState>) -> HttpResponse {
    let found = state.application.check_health.execute().await;
    let status = overall(&state, &found);
    let dependencies = found.into_iter().map(|found| (found.name, found.works.into()));
    let dependencies = dependencies.collect();
    answer(status, &ReadinessAnswer { status, dependencies })
}

fn overall(state: &HttpState, found: &[DependencyHealth]) -> HealthStatus {
    let works = !state.is_draining() && found.iter().all(|dependency| dependency.works);
    works.into()
}

fn answer<T: Serialize>(status: HealthStatus, body: &T) -> HttpResponse {
    match status {
        HealthStatus::Ok => HttpResponse::Ok().json(body),
        HealthStatus::Unavailable => HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE)
            .insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS))
            .json(body),
    }
}
