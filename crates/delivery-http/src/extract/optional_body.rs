//! A JSON body that may be left out.

use crate::extract::{Body, bounded};
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_TYPE, TRANSFER_ENCODING};
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use validator::Validate;

/// A JSON body, or the default of `T` where the request has none.
#[derive(Debug)]
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Validate + Default + 'static> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if is_absent(request) {
            return Box::pin(async { Ok(Self(T::default())) });
        }
        let body = Body::from_request(request, payload);
        Box::pin(async move { body.await.map(|Body(body)| Self(body)) })
    }
}

/// No length and no transfer coding means no body (RFC 9112 §6.3); over HTTP/2 the media type has to tell.
fn is_absent(request: &HttpRequest) -> bool {
    let headers = request.headers();
    match bounded::announced_length(headers) {
        Some(length) => length == 0,
        None => !headers.contains_key(TRANSFER_ENCODING) && !headers.contains_key(CONTENT_TYPE),
    }
}
