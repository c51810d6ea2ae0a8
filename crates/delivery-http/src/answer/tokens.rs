//! The token answer, and where the refresh token goes.

use crate::answer::UserAnswer;
use crate::cookies;
use crate::settings::HttpSettings;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use gatewright_application::session::open_session::TokenGrant;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a refresh token goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TokenDelivery {
    /// Into the answer's body: for apps.
    #[default]
    Body,
    /// Into an `HttpOnly` cookie: for pages in a browser.
    Cookie,
}

/// The tokens of a session, and whose it is.
#[derive(Serialize, ToSchema)]
#[schema(as = Tokens)]
pub(crate) struct TokenAnswer<'a> {
    /// To be sent as `Authorization: Bearer …`.
    access_token: &'a str,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// For how many seconds the access token is good.
    #[schema(example = 900)]
    expires_in: i64,
    /// To be exchanged for a new pair; left out where a cookie holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refresh_token: Option<&'a str>,
    /// For how many seconds the refresh token is good if it is not used.
    #[schema(example = 604_800)]
    refresh_expires_in: i64,
    session_id: Uuid,
    /// The device of the session, to be sent as `Device-Id` from now on.
    device_id: &'a str,
    user: UserAnswer<'a>,
}

/// Answers with the tokens of `grant`.
pub(crate) fn grant_tokens(
    status: StatusCode,
    grant: &TokenGrant,
    delivery: TokenDelivery,
    settings: &HttpSettings,
) -> HttpResponse {
    let refresh_token = grant.refresh_token.expose_secret();
    let mut response = HttpResponse::build(status);
    if delivery == TokenDelivery::Cookie {
        let same_site = settings.cookie_same_site;
        response.append_header(cookies::refresh(refresh_token, grant.refresh_expires_in, same_site));
        response.append_header(cookies::device(grant.device.as_str(), same_site));
    }
    response.json(TokenAnswer {
        access_token: grant.access_token.expose_secret(),
        token_type: "Bearer",
        expires_in: grant.access_expires_in.whole_seconds(),
        refresh_token: (delivery == TokenDelivery::Body).then_some(refresh_token),
        refresh_expires_in: grant.refresh_expires_in.whole_seconds(),
        session_id: grant.session_id.0,
        device_id: grant.device.as_str(),
        user: UserAnswer::from(&grant.user),
    })
}
