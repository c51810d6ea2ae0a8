//! `POST /auth/login`

use crate::answer::{TokenAnswer, TokenDelivery, grant_tokens};
use crate::extract::{Body, Form, Public, RequestOrigin, SixDigitCode};
use crate::problem::{Problem, ProblemAnswer};
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use gatewright_application::request::RequestContext;
use gatewright_application::session::sign_in::SignInCommand;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// Who wants in.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInBody {
    /// E-mail address or username.
    #[validate(length(max = 320, code = "too_long", message = "a login has at most 320 characters"))]
    #[schema(max_length = 320, example = "ann@example.org")]
    login: String,
    #[schema(schema_with = crate::schema::password)]
    password: SecretString,
    /// For accounts with a second factor; without meaning for others.
    #[expect(
        dead_code,
        reason = "part of the contract, though no account has a second factor yet"
    )]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{6}$")]
    totp_code: Option<SixDigitCode>,
    /// Where the refresh token goes.
    #[serde(default)]
    delivery: TokenDelivery,
}

/// The OAuth2 password form (RFC 6749 §4.3.2). Its other fields are ignored (§3.2), and it sets no cookie: another
/// site could post it.
#[derive(Deserialize, Validate, ToSchema)]
pub(crate) struct SignInForm {
    /// E-mail address or username.
    #[validate(length(max = 320, code = "too_long", message = "a login has at most 320 characters"))]
    #[schema(max_length = 320)]
    username: String,
    #[schema(schema_with = crate::schema::password)]
    password: SecretString,
}

/// Sign in
///
/// By e-mail address or username. An unknown account and a wrong password are one answer. Also takes the OAuth2
/// password form.
#[utoipa::path(
    post, path = "/api/v1/auth/login", operation_id = "sign_in", tag = "Signing in",
    request_body(content((SignInBody = "application/json"), (SignInForm = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, body = TokenAnswer, description = "Signed in"),
        (status = 401, body = ProblemAnswer, content_type = "application/problem+json",
         description = "`invalid_credentials`"),
        (status = 403, body = ProblemAnswer, content_type = "application/problem+json",
         description = "After the right password only: `email_not_verified` or `account_disabled`"),
    ),
)]
pub(crate) async fn handle(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Body(body): Body<SignInBody>,
) -> Result<HttpResponse, Problem> {
    sign_in(&state, body.login, body.password, body.delivery, context).await
}

/// The same with the OAuth2 password form.
pub(crate) async fn handle_form(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    Form(form): Form<SignInForm>,
) -> Result<HttpResponse, Problem> {
    sign_in(&state, form.username, form.password, TokenDelivery::Body, context).await
}

async fn sign_in(
    state: &HttpState,
    login: String,
    password: SecretString,
    delivery: TokenDelivery,
    context: RequestContext,
) -> Result<HttpResponse, Problem> {
    let command = SignInCommand {
        login,
        password,
        context,
    };
    let grant = state.application.sign_in.execute(command).await?;
    Ok(grant_tokens(StatusCode::OK, &grant, delivery, &state.settings))
}
