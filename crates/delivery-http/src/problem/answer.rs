//! A problem as it is written: `application/problem+json`.

use crate::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemAnswer<'a> {
    /// `urn:gatewright:problem:` and the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:gatewright:problem:validation_failed")]
    kind: String,
    /// The same for every occurrence of the code.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// One sentence about this occurrence.
    detail: &'a str,
    /// The stable word to decide by.
    #[schema(schema_with = code_schema)]
    code: &'static str,
    /// To be told to whoever runs the service; also in `X-Request-Id`.
    request_id: &'a str,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldErrorAnswer<'a>>,
}

/// What is wrong with one field.
#[derive(Serialize, ToSchema)]
#[schema(as = FieldError)]
pub(crate) struct FieldErrorAnswer<'a> {
    /// Where it stands in the request's body (RFC 6901); empty for the request as a whole.
    #[schema(example = "/email")]
    pointer: &'a str,
    /// A stable word.
    #[schema(example = "invalid_email")]
    code: &'a str,
    /// One sentence.
    detail: &'a str,
}

impl<'a> ProblemAnswer<'a> {
    /// `problem`, as answered to the request of that id.
    pub(crate) fn of(problem: &'a Problem, request_id: &'a str) -> Self {
        let code = problem.code();
        let errors = problem.errors().iter().map(|error| FieldErrorAnswer {
            pointer: &error.pointer,
            code: &error.code,
            detail: &error.detail,
        });
        Self {
            kind: format!("urn:gatewright:problem:{}", code.as_str()),
            title: code.title(),
            status: code.status().as_u16(),
            detail: problem.detail(),
            code: code.as_str(),
            request_id,
            errors: errors.collect(),
        }
    }

    /// The bytes.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

fn code_schema() -> utoipa::openapi::schema::Object {
    let words = crate::problem::ProblemCode::ALL.map(crate::problem::ProblemCode::as_str);
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(words))
        .build()
}
