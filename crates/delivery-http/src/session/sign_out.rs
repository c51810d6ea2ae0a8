//! `POST /auth/logout`

use crate::cookies;
use crate::csrf::RefreshCookie;
use crate::extract::{BearerToken, OptionalBody, Public, RequestOrigin};
use crate::problem::{Problem, ProblemAnswer, ProblemCode};
use crate::state::HttpState;
use actix_web::{HttpResponse, web};
use gatewright_application::session::sign_out::SignOutToken;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// The session to end, by its refresh token; without one, the cookie's or the bearer's.
#[derive(Deserialize, Validate, Default, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignOutBody {
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretString>,
}

/// Sign out
///
/// Ends the session of the refresh token in the body, else in the cookie, else of the bearer's access token; that
/// session's tokens stop working at once. Doing it again is no error.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", operation_id = "sign_out", tag = "Signing in",
    request_body(content = Option<SignOutBody>),
    responses(
        (status = 204, description = "Signed out"),
        (status = 401, body = ProblemAnswer, content_type = "application/problem+json",
         description = "`invalid_token` or `expired_token`, of the access token or for want of any"),
        (status = 403, body = ProblemAnswer, content_type = "application/problem+json",
         description = "`csrf_rejected`: another site caused a request with the cookie"),
    ),
    security((), ("bearer" = [])),
)]
pub(crate) async fn handle(
    _guard: Public,
    state: web::Data<HttpState>,
    RequestOrigin(context): RequestOrigin,
    BearerToken(bearer): BearerToken,
    cookie: RefreshCookie,
    OptionalBody(body): OptionalBody<SignOutBody>,
) -> Result<HttpResponse, Problem> {
    let (token, from_cookie) = if let Some(token) = body.refresh_token {
        (SignOutToken::Refresh(token), false)
    } else if let Some(token) = cookie.accept()? {
        (SignOutToken::Refresh(token), true)
    } else {
        (SignOutToken::Access(bearer.ok_or_else(no_token)?), false)
    };
    state.application.sign_out.execute(&token, &context).await?;
    let mut response = HttpResponse::NoContent();
    if from_cookie {
        response.append_header(cookies::refresh_removal(state.settings.cookie_same_site));
    }
    Ok(response.finish())
}

fn no_token() -> Problem {
    Problem::new(ProblemCode::InvalidToken, "there is no token that names a session")
}
