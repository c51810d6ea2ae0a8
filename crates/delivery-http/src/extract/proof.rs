//! The proof in a body: a flow and its code, or the token of a link.

use crate::problem::Problem;
use gatewright_application::challenge::redeem::Proof;
use gatewright_domain::account::challenge::FlowId;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, KnownFormat, Object, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type,
};
use uuid::Uuid;

/// Six decimal digits, as mailed.
#[derive(Debug)]
pub(crate) struct SixDigitCode(SecretString);

impl<'de> Deserialize<'de> for SixDigitCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(de::Error::custom("a code has six digits"))
        }
    }
}

/// The proof that a body holds: either `token`, or `flow_id` with `code`.
pub(crate) fn proof(
    flow_id: Option<Uuid>,
    code: Option<SixDigitCode>,
    token: Option<SecretString>,
) -> Result<Proof, Problem> {
    match (flow_id, code, token) {
        (Some(flow), Some(SixDigitCode(code)), None) => Ok(Proof::Code {
            flow: FlowId(flow),
            code,
        }),
        (None, None, Some(token)) => Ok(Proof::Link { token }),
        _ => Err(Problem::field(
            "",
            "required",
            "send either token, or flow_id with code",
        )),
    }
}

/// The schema of a body that holds a proof and `rest`: name, schema, whether it is required.
pub(crate) fn proof_schema(rest: &[(&str, RefOr<Schema>, bool)]) -> RefOr<Schema> {
    let by_link = [("token", text("The token of the mailed link."), true)];
    let flow_id = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        .description(Some("The flow that the code was mailed for."));
    let code = ObjectBuilder::from(text("The mailed code.")).pattern(Some("^[0-9]{6}$"));
    let by_code = [("flow_id", flow_id.build(), true), ("code", code.build(), true)];
    let alternative = |fields: &[(&str, Object, bool)]| {
        let fields = fields
            .iter()
            .map(|(name, schema, required)| (*name, schema.clone().into(), *required));
        object(fields.chain(rest.iter().cloned()))
    };
    let one_of = OneOfBuilder::new()
        .item(alternative(&by_link))
        .item(alternative(&by_code));
    RefOr::T(Schema::OneOf(one_of.build()))
}

fn text(description: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .build()
}

fn object<'a>(fields: impl Iterator<Item = (&'a str, RefOr<Schema>, bool)>) -> Object {
    let closed = AdditionalProperties::<Schema>::FreeForm(false);
    let object = ObjectBuilder::new().additional_properties(Some(closed));
    fields
        .fold(object, |object, (name, schema, required)| {
            let object = object.property(name, schema);
            if required { object.required(name) } else { object }
        })
        .build()
}
