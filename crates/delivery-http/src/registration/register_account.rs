//! `POST /auth/register`

use crate::answer::{FlowAnswer, TokenAnswer, TokenDelivery, grant_tokens};
use crate::extract::{Body, Public, RequestOrigin};
use crate::problem::{Problem, ProblemAnswer};
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use gatewright_application::registration::flow_started::FlowStarted;
use gatewright_application::registration::register_account::{RegisterAccountCommand, RegisterAccountOutcome};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Who signs up.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterAccountBody {
    /// The address; where verification is asked for, it counts once it is proven.
    #[validate(length(
        max = 254,
        code = "too_long",
        message = "an e-mail address has at most 254 characters"
    ))]
    #[schema(schema_with = crate::schema::email)]
    email: String,
    #[schema(schema_with = crate::schema::new_password)]
    password: SecretString,
    /// A public handle, unique without regard to case.
    #[validate(length(max = 32, code = "invalid_length", message = "a username has 3 to 32 characters"))]
    #[schema(schema_with = crate::schema::nullable_username, required = false)]
    username: Option<String>,
    /// A name to show.
    #[schema(schema_with = crate::schema::nullable_display_name, required = false)]
    display_name: Option<String>,
    /// Where the refresh token goes, if tokens are answered.
    #[serde(default)]
    delivery: TokenDelivery,
}

/// A registration that waits for the proof of its address.
#[derive(Serialize, ToSchema)]
#[schema(as = VerificationRequired)]
pub(crate) struct VerificationRequiredAnswer {
    #[schema(example = "verification_required")]
    status: &'static str,
    #[serde(flatten)]
    flow: FlowAnswer,
}

impl From<FlowStarted> for VerificationRequiredAnswer {
    fn from(started: FlowStarted) -> Self {
        Self {
            status: "verification_required",
            flow: started.into(),
        }
    }
}

/// Sign up
///
/// With e-mail verification (the default), the answer is the same whether the address has an account or not: 202, and
/// a mail with code and link, or one that tells the owner. Without it, the account exists at once and is signed in.
#[utoipa::path(
    post, path = "/api/v1/auth/register", operation_id = "register_account", tag = "Registration",
    request_body = RegisterAccountBody,
    responses(
        (status = 202, body = VerificationRequiredAnswer, description = "The address has to be proven"),
        (status = 201, body = TokenAnswer, description = "Signed up and in; without e-mail verification"),
        (status = 409, body = ProblemAnswer, content_type = "application/problem+json",
         description = "`username_taken`; without e-mail verification also `email_taken`"),
    ),
)]
pub(crate) async fn handle(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Body(body): Body<RegisterAccountBody>,
) -> Result<HttpResponse, Problem> {
    let command = RegisterAccountCommand {
        email: body.email,
        password: body.password,
        username: body.username,
        display_name: body.display_name,
        context,
    };
    Ok(match state.application.register_account.execute(command).await? {
        RegisterAccountOutcome::VerificationRequired(started) => {
            HttpResponse::Accepted().json(VerificationRequiredAnswer::from(started))
        }
        RegisterAccountOutcome::SignedIn(grant) => {
            grant_tokens(StatusCode::CREATED, &grant, body.delivery, &state.settings)
        }
    })
}
