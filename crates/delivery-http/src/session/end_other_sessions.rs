//! `DELETE /users/me/sessions`

use crate::extract::{Authenticated, RequestOrigin};
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::{HttpResponse, web};

/// End one's other sessions
///
/// All but the one this request is made in.
#[utoipa::path(
    delete, path = "/api/v1/users/me/sessions", operation_id = "end_other_sessions", tag = "The account",
    responses((status = 204, description = "Ended")),
    security(("bearer" = [])),
)]
pub(crate) async fn handle(
    Authenticated(identity): Authenticated,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
) -> Result<HttpResponse, Problem> {
    state
        .application
        .end_other_sessions
        .execute(&identity, &context)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
