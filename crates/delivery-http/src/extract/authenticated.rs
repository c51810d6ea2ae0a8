//! Who makes a request: guards, to be written into an endpoint's signature.

use crate::extract::state_of;
use crate::problem::{Problem, ProblemCode};
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use gatewright_application::session::identity::Identity;
use secrecy::SecretString;
use std::future::{Ready, ready};
use std::sync::Arc;

/// Guard: the bearer of a good access token (RFC 6750). Taken from the `Authorization` header only; a token in a
/// query string or a body is none.
#[derive(Debug)]
pub(crate) struct Authenticated(pub(crate) Arc<Identity>);

/// The bearer of a good access token, or nobody; a token that is not good is refused all the same.
#[derive(Debug)]
pub(crate) struct MaybeAuthenticated(pub(crate) Option<Arc<Identity>>);

/// The access token itself, unverified, for a use case that takes tokens.
#[derive(Debug)]
pub(crate) struct BearerToken(pub(crate) Option<SecretString>);

/// Guard: anybody may call this. Says that an endpoint without another guard was meant to be one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Public;

impl FromRequest for Authenticated {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let missing = || Problem::new(ProblemCode::InvalidToken, "an access token is needed here");
            let token = bearer_token(&request).ok_or_else(missing)?;
            let application = &state_of(&request)?.application;
            let identity = application.authenticate_access_token.execute(token).await?;
            Ok(Self(identity))
        })
    }
}

impl FromRequest for MaybeAuthenticated {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !request.headers().contains_key(AUTHORIZATION) {
            return Box::pin(async { Ok(Self(None)) });
        }
        let authenticated = Authenticated::from_request(request, payload);
        Box::pin(async move { authenticated.await.map(|Authenticated(identity)| Self(Some(identity))) })
    }
}

impl FromRequest for BearerToken {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(bearer_token(request).map(SecretString::from))))
    }
}

impl FromRequest for Public {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self))
    }
}

/// The token of `Authorization: Bearer …`; the scheme's case does not matter (RFC 9110 §11.1).
fn bearer_token(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
