//! Problems: every error on its way to a caller (RFC 9457).
//!
//! Endpoints and extractors answer `Err(Problem)`. What a use case can fail with is mapped in [`from_use_case`] and
//! nowhere else; the body is written by the envelope, which knows the request's id.

mod answer;
mod code;
mod from_shared_failure;
mod from_use_case;

pub(crate) use answer::{FieldErrorAnswer, ProblemAnswer};
pub(crate) use code::ProblemCode;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use std::borrow::Cow;
use std::fmt;

/// Something a caller did wrong, or that went wrong for them. It never repeats a value they sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    code: ProblemCode,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    retry_after_seconds: Option<i64>,
    allow: Option<String>,
    rejects_bearer: bool,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// Where it stands in the body (RFC 6901); empty for the request as a whole.
    pub(crate) pointer: String,
    /// A stable word.
    pub(crate) code: Cow<'static, str>,
    /// A sentence.
    pub(crate) detail: Cow<'static, str>,
}

impl Problem {
    /// A problem and one sentence about this occurrence of it.
    pub(crate) fn new(code: ProblemCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_seconds: None,
            allow: None,
            rejects_bearer: false,
        }
    }

    /// Input that is not acceptable, field by field.
    pub(crate) fn validation(errors: Vec<FieldError>) -> Self {
        let problem = Self::new(
            ProblemCode::ValidationFailed,
            "one or more fields are not acceptable; see errors",
        );
        Self { errors, ..problem }
    }

    /// One field that is not acceptable.
    pub(crate) fn field(pointer: &str, code: &'static str, detail: &'static str) -> Self {
        Self::validation(vec![FieldError {
            pointer: pointer.to_owned(),
            code: code.into(),
            detail: detail.into(),
        }])
    }

    /// There is nothing at this path.
    pub(crate) fn not_found() -> Self {
        Self::new(ProblemCode::NotFound, "there is nothing at this address")
    }

    /// The path exists, but not for this method; `allow` lists those it exists for.
    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let problem = Self::new(
            ProblemCode::MethodNotAllowed,
            "this address does not answer to that method",
        );
        Self {
            allow: Some(allow.to_owned()),
            ..problem
        }
    }

    /// Something of our own failed. What it was is logged where it is known.
    pub(crate) fn internal() -> Self {
        Self::new(
            ProblemCode::Internal,
            "an unexpected error; the request id helps us to find it",
        )
    }

    /// A bearer token was presented and is not accepted (RFC 6750 §3.1).
    pub(crate) fn bearer(code: ProblemCode, detail: &'static str) -> Self {
        Self {
            rejects_bearer: true,
            ..Self::new(code, detail)
        }
    }

    /// The same problem, to be tried again after so many seconds.
    pub(crate) fn retry_after(self, seconds: i64) -> Self {
        Self {
            retry_after_seconds: Some(seconds.max(1)),
            ..self
        }
    }

    /// The problem of an error that an endpoint, an extractor or the framework answered with.
    pub(crate) fn of(error: &actix_web::Error) -> Self {
        error.as_error::<Self>().cloned().unwrap_or_else(|| {
            let code = ProblemCode::from_status(error.as_response_error().status_code());
            Self::new(code, "the request could not be understood")
        })
    }

    /// Its code.
    pub(crate) fn code(&self) -> ProblemCode {
        self.code
    }

    /// The sentence about this occurrence.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// What is wrong with which field.
    pub(crate) fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Writes the headers that belong to it.
    pub(crate) fn write_headers(&self, headers: &mut HeaderMap) {
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(Ok(allow)) = self.allow.as_deref().map(HeaderValue::from_str) {
            headers.insert(header::ALLOW, allow);
        }
        if self.code.status() == StatusCode::UNAUTHORIZED {
            let challenge = if self.rejects_bearer {
                "Bearer error=\"invalid_token\""
            } else {
                "Bearer"
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.code.status())
    }
}

impl FieldError {
    /// A field of the body, by its name.
    pub(crate) fn named(field: &str, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            pointer: format!("/{field}"),
            code: code.into(),
            detail: detail.into(),
        }
    }
}

#[cfg(test)]
mod tests;
