//! The id of a request.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderName, HeaderValue};
use std::fmt;
use uuid::Uuid;

/// Carries the id, in requests and answers.
pub(super) const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id taken over from a caller.
const MAX_REQUEST_ID: usize = 64;

/// Names a request in logs, problems and audit events.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// The caller's own id where it is well formed, so that a trace through several services keeps one name.
    pub(super) fn of_caller(request: &ServiceRequest) -> Option<Self> {
        let id = request.headers().get(REQUEST_ID_HEADER)?;
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        let well_formed = (1..=MAX_REQUEST_ID).contains(&id.len()) && id.as_bytes().iter().all(plain);
        well_formed.then(|| Self(id.clone()))
    }

    /// A new id.
    pub(super) fn from_uuid(id: Uuid) -> Self {
        let mut buffer = Uuid::encode_buffer();
        let text = id.hyphenated().encode_lower(&mut buffer);
        Self(HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("unknown")))
    }

    /// The id.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The id, as the answer's header.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
