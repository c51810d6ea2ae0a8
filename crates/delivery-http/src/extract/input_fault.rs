//! Input that is no acceptable value, as field errors: where and why, never what was sent.

use crate::problem::{FieldError, Problem, ProblemCode};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::{Path, Segment};
use std::borrow::Cow;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

/// Longest field name that is named back to whoever sent it.
const MAX_ECHOED_NAME: usize = 64;

/// Reads JSON. What is not JSON is malformed; what is JSON of another shape is told field by field.
pub(super) fn from_json<T: DeserializeOwned + Validate>(bytes: &[u8]) -> Result<T, Problem> {
    require_object(bytes)?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        if error.inner().is_data() {
            Problem::validation(vec![field_error(error.path(), &error.inner().to_string())])
        } else {
            not_json()
        }
    })?;
    json.end().map_err(|_| not_json())?;
    checked(value)
}

/// Reads `application/x-www-form-urlencoded`.
pub(super) fn from_form<T: DeserializeOwned + Validate>(bytes: &[u8]) -> Result<T, Problem> {
    let form = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(bytes));
    let value: T = serde_path_to_error::deserialize(form)
        .map_err(|error| Problem::validation(vec![field_error(error.path(), &error.inner().to_string())]))?;
    checked(value)
}

/// Serde would take the fields from an array as well, by their order.
fn require_object(bytes: &[u8]) -> Result<(), Problem> {
    if bytes.trim_ascii_start().first() == Some(&b'{') {
        return Ok(());
    }
    serde_json::from_slice::<IgnoredAny>(bytes).map_err(|_| not_json())?;
    Err(Problem::field("", "invalid_type", "the body has to be a JSON object"))
}

fn not_json() -> Problem {
    Problem::new(ProblemCode::MalformedRequest, "the body is not well-formed JSON")
}

fn checked<T: Validate>(value: T) -> Result<T, Problem> {
    match value.validate() {
        Ok(()) => Ok(value),
        Err(faults) => {
            let mut errors = Vec::new();
            collect(&mut errors, "", &faults);
            errors.sort_by(|one, other| one.pointer.cmp(&other.pointer));
            Err(Problem::validation(errors))
        }
    }
}

/// Serde tells what is wrong in words only, and those of some faults repeat the value: the kind of fault is read
/// from how the words begin, and told in words of our own.
fn field_error(path: &Path, message: &str) -> FieldError {
    let missing = quoted_after(message, "missing field ");
    let duplicate = quoted_after(message, "duplicate field ");
    let (code, detail) = if missing.is_some() {
        ("required", "this field is required")
    } else if duplicate.is_some() {
        ("duplicate_field", "this field is given more than once")
    } else if message.starts_with("unknown field") {
        ("unknown_field", "there is no such field")
    } else if message.starts_with("invalid type") {
        ("invalid_type", "this is a value of another type")
    } else {
        ("invalid_value", "this value is not acceptable")
    };
    let place = pointer(path);
    FieldError {
        pointer: match missing.or(duplicate) {
            Some(name) => format!("{place}/{name}"),
            None => place,
        },
        code: code.into(),
        detail: detail.into(),
    }
}

/// A field of ours that serde names; it is no part of the path then.
fn quoted_after<'a>(message: &'a str, beginning: &str) -> Option<&'a str> {
    let name = message.strip_prefix(beginning)?.strip_prefix('`')?;
    name.split('`').next()
}

fn pointer(path: &Path) -> String {
    path.iter().fold(String::new(), |place, segment| match segment {
        Segment::Seq { index } => format!("{place}/{index}"),
        Segment::Map { key } if key.len() <= MAX_ECHOED_NAME => format!("{place}/{}", escaped(key)),
        Segment::Map { .. } | Segment::Enum { .. } | Segment::Unknown => place,
    })
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Copies places, codes and messages. The parameters of a fault are left behind: they hold the rejected value.
fn collect(errors: &mut Vec<FieldError>, place: &str, faults: &ValidationErrors) {
    for (field, kind) in faults.errors() {
        let pointer = format!("{place}/{}", escaped(field));
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(errors, &pointer, inner),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(errors, &format!("{pointer}/{index}"), inner);
                }
            }
            ValidationErrorsKind::Field(found) => errors.extend(found.iter().map(|fault| at(&pointer, fault))),
        }
    }
}

fn at(pointer: &str, fault: &ValidationError) -> FieldError {
    let unsaid = Cow::Borrowed("this value is not acceptable");
    FieldError {
        pointer: pointer.to_owned(),
        code: fault.code.clone(),
        detail: fault.message.clone().unwrap_or(unsaid),
    }
}
