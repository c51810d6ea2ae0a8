//! `POST /auth/password/reset`

use crate::extract::{Body, Public, RequestOrigin, SixDigitCode, proof, proof_schema};
use crate::problem::{Problem, ProblemAnswer};
use crate::schema;
use crate::state::HttpState;
use actix_web::{HttpResponse, web};
use gatewright_application::password::reset_password::ResetPasswordCommand;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// What was mailed, and the password to be.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetPasswordBody {
    flow_id: Option<Uuid>,
    code: Option<SixDigitCode>,
    token: Option<SecretString>,
    new_password: SecretString,
}

impl PartialSchema for ResetPasswordBody {
    fn schema() -> RefOr<Schema> {
        proof_schema(&[("new_password", schema::new_password().into(), true)])
    }
}

impl ToSchema for ResetPasswordBody {}

/// Set a new password with what was mailed
///
/// Every session of the account ends. Nobody is signed in by it.
#[utoipa::path(
    post, path = "/api/v1/auth/password/reset", operation_id = "reset_password", tag = "Password and e-mail",
    request_body = ResetPasswordBody,
    responses(
        (status = 204, description = "The password is set"),
        (status = 401, body = ProblemAnswer, content_type = "application/problem+json",
         description = "`invalid_code`, `invalid_token` or `expired_token`"),
    ),
)]
pub(crate) async fn handle(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Body(body): Body<ResetPasswordBody>,
) -> Result<HttpResponse, Problem> {
    let command = ResetPasswordCommand {
        proof: proof(body.flow_id, body.code, body.token)?,
        new_password: body.new_password,
        context,
    };
    state.application.reset_password.execute(command).await?;
    Ok(HttpResponse::NoContent().finish())
}
