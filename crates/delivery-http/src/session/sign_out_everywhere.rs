//! `POST /auth/logout-all`

use crate::cookies;
use crate::extract::{Authenticated, RequestOrigin};
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::{HttpResponse, web};

/// Sign out everywhere
///
/// Ends every session of the account, this one included.
#[utoipa::path(
    post, path = "/api/v1/auth/logout-all", operation_id = "sign_out_everywhere", tag = "Signing in",
    responses((status = 204, description = "Signed out everywhere")),
    security(("bearer" = [])),
)]
pub(crate) async fn handle(
    Authenticated(identity): Authenticated,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
) -> Result<HttpResponse, Problem> {
    state
        .application
        .sign_out_everywhere
        .execute(&identity, &context)
        .await?;
    let removal = cookies::refresh_removal(state.settings.cookie_same_site);
    Ok(HttpResponse::NoContent().append_header(removal).finish())
}
