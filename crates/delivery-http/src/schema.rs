//! Schemas of the values that several bodies hold, as strict as what is enforced.

use gatewright_domain::account::display_name::MAX_DISPLAY_NAME_CHARS;
use gatewright_domain::account::email::MAX_EMAIL_BYTES;
use gatewright_domain::account::username::{MAX_USERNAME_CHARS, MIN_USERNAME_CHARS};
use gatewright_domain::password::password::MAX_PASSWORD_CHARS;
use utoipa::openapi::Ref;
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, SchemaType, Type};

/// The component that describes new passwords; its bounds are settings.
pub(crate) const NEW_PASSWORD: &str = "NewPassword";

/// No control characters and no marks that reorder text, and not white space alone.
const DISPLAY_NAME_PATTERN: &str = r"^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+$";

/// An e-mail address.
pub(crate) fn email() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
        .max_length(Some(MAX_EMAIL_BYTES))
        .examples(["ann@example.org"])
        .build()
}

/// A present password, to which no policy applies.
pub(crate) fn password() -> Object {
    password_of_at_least(1)
}

/// A password to be: the component of that name.
pub(crate) fn new_password() -> Ref {
    Ref::from_schema_name(NEW_PASSWORD)
}

/// A password of so many characters.
pub(crate) fn password_of_at_least(min_length: usize) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .min_length(Some(min_length))
        .max_length(Some(MAX_PASSWORD_CHARS))
        .examples(["Gorse lantern barge 41!"])
        .build()
}

/// A username, or `null`.
pub(crate) fn nullable_username() -> Object {
    nullable_text()
        .min_length(Some(MIN_USERNAME_CHARS))
        .max_length(Some(MAX_USERNAME_CHARS))
        .pattern(Some("^[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]$"))
        .description(Some("A public handle, unique without regard to case."))
        .examples(["ann.lee"])
        .build()
}

/// A display name, or `null`.
pub(crate) fn nullable_display_name() -> Object {
    nullable_text()
        .min_length(Some(1))
        .max_length(Some(MAX_DISPLAY_NAME_CHARS))
        .pattern(Some(DISPLAY_NAME_PATTERN))
        .description(Some("A name to show."))
        .examples(["Ann Lee"])
        .build()
}

fn nullable_text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}
