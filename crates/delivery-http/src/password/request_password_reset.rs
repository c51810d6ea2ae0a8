//! `POST /auth/password/forgot`

use crate::answer::FlowAnswer;
use crate::extract::{Body, Public, RequestOrigin};
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// Whose password was lost.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestPasswordResetBody {
    #[validate(length(
        max = 254,
        code = "too_long",
        message = "an e-mail address has at most 254 characters"
    ))]
    #[schema(schema_with = crate::schema::email)]
    email: String,
}

/// Ask for a password reset
///
/// The answer is the same whether the address has an account or not.
#[utoipa::path(
    post, path = "/api/v1/auth/password/forgot", operation_id = "request_password_reset", tag = "Password and e-mail",
    request_body = RequestPasswordResetBody,
    responses((status = 202, body = FlowAnswer, description = "A mail is on its way, if the address has an account")),
)]
pub(crate) async fn handle(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Body(body): Body<RequestPasswordResetBody>,
) -> Result<HttpResponse, Problem> {
    let started = state
        .application
        .request_password_reset
        .execute(&body.email, &context)
        .await?;
    Ok(HttpResponse::Accepted().json(FlowAnswer::from(started)))
}
