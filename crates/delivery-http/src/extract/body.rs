//! A JSON body.

use crate::extract::{bounded, input_fault};
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
            let bytes = json_bytes(&request, payload).await?;
            input_fault::from_json(&bytes).map(Self)
        })
    }
}

/// The bytes of a body that says it is JSON.
pub(super) async fn json_bytes(request: &HttpRequest, payload: Payload) -> Result<Vec<u8>, Problem> {
    require_json(request)?;
    bounded::read(request, payload).await
}

/// Whether the request says that its body is JSON in UTF-8 (RFC 8259 §8.1).
fn require_json(request: &HttpRequest) -> Result<(), Problem> {
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
