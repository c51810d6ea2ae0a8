//! A form.

use crate::extract::{bounded, input_fault};
use crate::problem::{Problem, ProblemCode};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use validator::Validate;

/// A body of type `T` as `application/x-www-form-urlencoded`, bounded like a JSON body.
#[derive(Debug)]
pub(crate) struct Form<T>(pub(crate) T);

/// The media type of forms.
pub(crate) const FORM_MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Form<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            if !request.content_type().eq_ignore_ascii_case(FORM_MEDIA_TYPE) {
                let detail = "send the body as application/x-www-form-urlencoded";
                return Err(Problem::new(ProblemCode::UnsupportedMediaType, detail));
            }
            let bytes = bounded::read(&request, payload).await?;
            input_fault::from_form(&bytes).map(Self)
        })
    }
}
