//! `GET /health`, `/health/live` and `/health/ready`

use crate::extract::Public;
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, web};
use gatewright_application::operations::check_health::DependencyHealth;
use gatewright_application::ports::health_probe::Importance;
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
    /// It works, without something that it can do without for a while.
    Degraded,
    /// It does not, or is about to stop.
    Unavailable,
}

impl HealthStatus {
    /// Of one dependency.
    fn of(dependency: &DependencyHealth) -> Self {
        if dependency.works() {
            Self::Ok
        } else {
            Self::Unavailable
        }
    }

    /// Of the service.
    fn overall(state: &HttpState, dependencies: &[DependencyHealth]) -> Self {
        let lacks = |importance| {
            let mut absent = dependencies.iter().filter(|dependency| !dependency.works());
            absent.any(|dependency| dependency.importance == importance)
        };
        if state.is_draining() || lacks(Importance::Needed) {
            Self::Unavailable
        } else if lacks(Importance::Degrading) {
            Self::Degraded
        } else {
            Self::Ok
        }
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
    let status = HealthStatus::overall(&state, &state.health.read().await);
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
/// Each dependency by name. `degraded` is ready: what is missing then only delays something. Off as soon as the process
/// begins to stop.
#[utoipa::path(
    get, path = "/health/ready", operation_id = "readiness", tag = "Operations",
    responses(
        (status = 200, body = ReadinessAnswer, description = "Ready"),
        (status = 503, body = ReadinessAnswer, description = "Not ready"),
    ),
)]
pub(crate) async fn ready(_guard: Public, state: web::Data<HttpState>) -> HttpResponse {
    let found = state.health.read().await;
    let status = HealthStatus::overall(&state, &found);
    let dependencies = found.iter().map(|found| (found.name, HealthStatus::of(found)));
    let dependencies = dependencies.collect();
    answer(status, &ReadinessAnswer { status, dependencies })
}

fn answer<T: Serialize>(status: HealthStatus, body: &T) -> HttpResponse {
    match status {
        HealthStatus::Ok | HealthStatus::Degraded => HttpResponse::Ok().json(body),
        HealthStatus::Unavailable => HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE)
            .insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS))
            .json(body),
    }
}
