//! A JSON body.

use crate::extract::{bounded, input_fault, state_of};
use crate::problem::{Problem, ProblemCode};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use validator::Validate;

/// A JSON body of type `T`: the media type is checked (a form posted by another site is none), the size and the
/// time are bounded, unknown fields are up to `T` (`deny_unknown_fields`), the values are validated.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            require_json(&request)?;
            let deadline = state_of(&request)?.settings.body_deadline;
            let bytes = bounded::read(bounded::announced_length(request.headers()), payload, deadline).await?;
            input_fault::from_json(&bytes).map(Self)
        })
    }
}

/// Whether the request says that its body is JSON in UTF-8 (RFC 8259 §8.1).
pub(super) fn require_json(request: &HttpRequest) -> Result<(), Problem> {
    let media_type = request.mime_type().ok().flatten();
    let is_json = media_type.is_some_and(|media_type| {
        let utf8 = media_type.get_param("charset").is_none_or(|charset| charset == "utf-8");
        media_type.essence_str() == "application/json" && utf8
    });
    if is_json {
        Ok(())
    } else {
        let detail = "send the body as application/json";
        Err(Problem::new(ProblemCode::UnsupportedMediaType, detail))
    }
}
