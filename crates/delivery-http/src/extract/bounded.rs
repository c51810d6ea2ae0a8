//! Reading a body: bounded in size, whether its length is announced or not, and in time.

use crate::extract::state_of;
use crate::problem::{Problem, ProblemCode};
use crate::settings::MAX_BODY_BYTES;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use futures_util::StreamExt;

/// The whole body, at most [`MAX_BODY_BYTES`] of it and within the configured time.
pub(super) async fn read(request: &HttpRequest, payload: Payload) -> Result<Vec<u8>, Problem> {
    let announced = announced_length(request.headers());
    if announced.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Err(too_large());
    }
    let deadline = state_of(request)?.settings.body_deadline;
    let late = |_| Problem::new(ProblemCode::RequestTimeout, "the body did not arrive in time");
    tokio::time::timeout(deadline, collect(announced, payload))
        .await
        .map_err(late)?
}

/// The length that the request announces.
pub(super) fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn collect(announced: Option<usize>, mut payload: Payload) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::with_capacity(announced.unwrap_or_default());
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| unreadable(&error))?;
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn unreadable(error: &PayloadError) -> Problem {
    match error {
        PayloadError::Overflow => too_large(),
        _ => malformed("the body ended early or is framed wrongly"),
    }
}

fn too_large() -> Problem {
    Problem::new(ProblemCode::PayloadTooLarge, "a body holds at most 64 KiB")
}

fn malformed(detail: &'static str) -> Problem {
    Problem::new(ProblemCode::MalformedRequest, detail)
}
