//! `GET /metrics`

use crate::extract::Public;
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::{HttpResponse, web};

/// What was measured, for Prometheus.
pub(crate) async fn handle(_guard: Public, state: web::Data<HttpState>) -> Result<HttpResponse, Problem> {
    let page = state.observation.metrics.as_ref().ok_or_else(Problem::not_found)?;
    let text = page.text().await;
    Ok(HttpResponse::Ok().content_type(page.media_type()).body(text))
}
