//! `POST /users/me/email`

use crate::answer::FlowAnswer;
use crate::extract::{Authenticated, Body, RequestOrigin};
use crate::problem::Problem;
use crate::state::HttpState;
use actix_web::{HttpResponse, web};
use gatewright_application::account::request_email_change::RequestEmailChangeCommand;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// The address to be, and the account's password.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestEmailChangeBody {
    #[validate(length(
        max = 254,
        code = "too_long",
        message = "an e-mail address has at most 254 characters"
    ))]
    #[schema(schema_with = crate::schema::email)]
    new_email: String,
    #[schema(schema_with = crate::schema::password)]
    password: SecretString,
}

/// Ask for another e-mail address
///
/// The old address stays until the new one is proven, and is told.
#[utoipa::path(
    post, path = "/api/v1/users/me/email", operation_id = "request_email_change", tag = "Password and e-mail",
    request_body = RequestEmailChangeBody,
    responses((status = 202, body = FlowAnswer, description = "Code and link are on their way to the new address")),
    security(("bearer" = [])),
)]
pub(crate) async fn handle(
    Authenticated(identity): Authenticated,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Body(body): Body<RequestEmailChangeBody>,
) -> Result<HttpResponse, Problem> {
    let command = RequestEmailChangeCommand {
        identity,
        new_email: body.new_email,
        password: body.password,
        context,
    };
    let started = state.application.request_email_change.execute(command).await?;
    Ok(HttpResponse::Accepted().json(FlowAnswer::from(started)))
}
