//! `POST /auth/refresh`

use crate::answer::{TokenAnswer, TokenDelivery, grant_tokens};
use crate::csrf::RefreshCookie;
use crate::extract::{OptionalBody, Public, RequestOrigin};
use crate::problem::{Problem, ProblemAnswer, ProblemCode};
use crate::state::HttpState;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use gatewright_application::session::rotate_refresh_token::RotateRefreshTokenCommand;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// The token to exchange; without one, the cookie's is.
#[derive(Deserialize, Validate, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateRefreshTokenBody {
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretString>,
    /// Where the new refresh token goes. What came in a cookie goes into a cookie, whatever this says: no script
    /// on a page is to get hold of it.
    #[serde(default)]
    delivery: TokenDelivery,
}

/// Exchange a refresh token for a new pair
///
/// The old token is spent. Presented again within seconds by the same device, as after a lost answer, it gets the same
/// successor; later, or from another device, it is theft: its session ends.
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", operation_id = "rotate_refresh_token", tag = "Signing in",
    request_body(content = Option<RotateRefreshTokenBody>),
    responses(
        (status = 200, body = TokenAnswer, description = "A new pair"),
        (status = 401, body = ProblemAnswer, content_type = "application/problem+json",
         description = "`invalid_token`, `expired_token`, `revoked_token` or `token_reused`"),
        (status = 403, body = ProblemAnswer, content_type = "application/problem+json",
         description = "`csrf_rejected`: another site caused a request with the cookie"),
    ),
)]
pub(crate) async fn handle(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    cookie: RefreshCookie,
    OptionalBody(body): OptionalBody<RotateRefreshTokenBody>,
) -> Result<HttpResponse, Problem> {
    let (refresh_token, delivery) = match body.refresh_token {
        Some(token) => (token, body.delivery),
        None => (cookie.accept()?.ok_or_else(no_token)?, TokenDelivery::Cookie),
    };
    let command = RotateRefreshTokenCommand { refresh_token, context };
    let grant = state.application.rotate_refresh_token.execute(command).await?;
    Ok(grant_tokens(StatusCode::OK, &grant, delivery, &state.settings))
}

fn no_token() -> Problem {
    let detail = "there is no refresh token in the body and none in a cookie";
    Problem::new(ProblemCode::InvalidToken, detail)
}
