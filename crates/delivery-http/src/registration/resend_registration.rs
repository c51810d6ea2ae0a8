//! `POST /auth/register/resend`

use crate::answer::FlowAnswer;
use crate::extract::{Body, Public, RequestOrigin};
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// For which address.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResendRegistrationBody {
    #[validate(length(
        max = 254,
        code = "too_long",
        message = "an e-mail address has at most 254 characters"
    ))]
    #[schema(schema_with = crate::schema::email)]
    email: String,
}

/// Send the proof of a registration again
///
/// The answer is the same whether a registration waits for the address or not. Failures counted against the address
/// stay counted.
#[utoipa::path(
    post, path = "/api/v1/auth/register/resend", operation_id = "resend_registration", tag = "Registration",
    request_body = ResendRegistrationBody,
    responses((status = 202, body = FlowAnswer, description = "A new code and link are on their way, if there is anything to prove")),
)]
pub(crate) async fn handle(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Body(body): Body<ResendRegistrationBody>,
) -> Result<HttpResponse, Problem> {
    let started = state
        .application
        .resend_registration
        .execute(&body.email, &context)
        .await?;
    Ok(HttpResponse::Accepted().json(FlowAnswer::from(started)))
}
