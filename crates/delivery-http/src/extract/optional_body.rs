//! A JSON body that may be left out.

use crate::extract::body::json_bytes;
use crate::extract::{bounded, input_fault};
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_TYPE, TRANSFER_ENCODING};
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use validator::Validate;

/// A JSON body, or the default of `T` where the request has none, or `null`.
#[derive(Debug)]
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Validate + Default + 'static> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if is_absent(request) {
            return Box::pin(async { Ok(Self(T::default())) });
        }
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let bytes = json_bytes(&request, payload).await?;
            if bytes.trim_ascii() == b"null" {
                return Ok(Self(T::default()));
            }
            input_fault::from_json(&bytes).map(Self)
        })
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
