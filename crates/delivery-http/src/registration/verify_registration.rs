//! `POST /auth/register/verify`

use crate::answer::{TokenAnswer, TokenDelivery, grant_tokens};
use crate::extract::{Body, Public, RequestOrigin, SixDigitCode, proof, proof_schema};
use crate::problem::{Problem, ProblemAnswer};
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use gatewright_application::registration::verify_registration::VerifyRegistrationCommand;
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
pub(crate) struct VerifyRegistrationBody {
    flow_id: Option<Uuid>,
    code: Option<SixDigitCode>,
    token: Option<SecretString>,
    #[serde(default)]
    delivery: TokenDelivery,
}

impl PartialSchema for VerifyRegistrationBody {
    fn schema() -> RefOr<Schema> {
        proof_schema(&[("delivery", TokenDelivery::schema(), false)])
    }
}

impl ToSchema for VerifyRegistrationBody {}

/// Prove the address of a registration
///
/// By the mailed code together with its flow, or by the token of the mailed link. The account exists from now on.
#[utoipa::path(
    post, path = "/api/v1/auth/register/verify", operation_id = "verify_registration", tag = "Registration",
    request_body = VerifyRegistrationBody,
    responses(
        (status = 201, body = TokenAnswer, description = "The account exists and is signed in"),
        (status = 401, body = ProblemAnswer, content_type = "application/problem+json",
         description = "`invalid_code`, `invalid_token` or `expired_token`"),
        (status = 409, body = ProblemAnswer, content_type = "application/problem+json",
         description = "`username_taken` in the meantime"),
    ),
)]
pub(crate) async fn handle(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Body(body): Body<VerifyRegistrationBody>,
) -> Result<HttpResponse, Problem> {
    let command = VerifyRegistrationCommand {
        proof: proof(body.flow_id, body.code, body.token)?,
        sign_in: true,
        context,
    };
    let verified = state.application.verify_registration.execute(command).await?;
    let grant = verified.grant.ok_or_else(Problem::internal)?;
    Ok(grant_tokens(
        StatusCode::CREATED,
        &grant,
        body.delivery,
        &state.settings,
    ))
}
