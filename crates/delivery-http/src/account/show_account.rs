//! `GET /users/me`

use crate::answer::UserAnswer;
use crate::extract::Authenticated;
use actix_web::HttpResponse;

/// Show one's own account
#[utoipa::path(
    get, path = "/api/v1/users/me", operation_id = "show_account", tag = "The account",
    responses((status = 200, body = UserAnswer, description = "The account")),
    security(("bearer" = [])),
)]
pub(crate) async fn handle(Authenticated(identity): Authenticated) -> HttpResponse {
    HttpResponse::Ok().json(UserAnswer::from(&identity.user))
}
