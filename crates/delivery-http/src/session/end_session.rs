//! `DELETE /users/me/sessions/{id}`

use crate::extract::{Authenticated, RequestOrigin};
use crate::problem::{Problem, ProblemAnswer};
use crate::state::HttpState;
use actix_web::{HttpResponse, web};
use gatewright_application::session::end_session::EndSessionError;
use gatewright_domain::session::session::SessionId;
use uuid::Uuid;

/// End one of one's own sessions
///
/// Its tokens stop working at once. Somebody else's session is answered like one that does not exist.
#[utoipa::path(
    delete, path = "/api/v1/users/me/sessions/{id}", operation_id = "end_session", tag = "The account",
    params(("id" = Uuid, Path, description = "The session")),
    responses(
        (status = 204, description = "Ended"),
        (status = 404, body = ProblemAnswer, content_type = "application/problem+json", description = "`not_found`"),
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn handle(
    Authenticated(identity): Authenticated,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = id.parse::<Uuid>().map_err(|_| EndSessionError::NotFound)?;
    state
        .application
        .end_session
        .execute(&identity, SessionId(id), &context)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
