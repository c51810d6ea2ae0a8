//! `POST /users/me/email/verify`

use crate::answer::UserAnswer;
use crate::extract::{Body, MaybeAuthenticated, RequestOrigin, SixDigitCode, proof, proof_schema};
use crate::problem::{Problem, ProblemAnswer};
use crate::state::HttpState;
use actix_web::{HttpResponse, web};
use gatewright_application::account::verify_email_change::VerifyEmailChangeCommand;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// What was mailed.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyEmailChangeBody {
    flow_id: Option<Uuid>,
    code: Option<SixDigitCode>,
    token: Option<SecretString>,
}

impl PartialSchema for VerifyEmailChangeBody {
    fn schema() -> RefOr<Schema> {
        proof_schema(&[])
    }
}

impl ToSchema for VerifyEmailChangeBody {}

/// Prove a new e-mail address
///
/// A code counts in the hands of the signed-in account that asked for it only; the token of a link by itself. Every
/// session but the one that asked ends.
#[utoipa::path(
    post, path = "/api/v1/users/me/email/verify", operation_id = "verify_email_change", tag = "Password and e-mail",
    request_body = VerifyEmailChangeBody,
    responses(
        (status = 200, body = UserAnswer, description = "The account with its new address"),
        (status = 401, body = ProblemAnswer, content_type = "application/problem+json",
         description = "`invalid_code`, `invalid_token` or `expired_token`"),
        (status = 409, body = ProblemAnswer, content_type = "application/problem+json",
         description = "`email_taken` in the meantime"),
    ),
    security((), ("bearer" = [])),
)]
pub(crate) async fn handle(
    MaybeAuthenticated(identity): MaybeAuthenticated,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Body(body): Body<VerifyEmailChangeBody>,
) -> Result<HttpResponse, Problem> {
    let command = VerifyEmailChangeCommand {
        proof: proof(body.flow_id, body.code, body.token)?,
        identity,
        context,
    };
    let user = state.application.verify_email_change.execute(command).await?;
    Ok(HttpResponse::Ok().json(UserAnswer::from(&user)))
}
