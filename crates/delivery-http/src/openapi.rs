//! The OpenAPI document, made from the code and completed where every endpoint is alike.

use crate::problem::{FieldErrorAnswer, ProblemAnswer};
use crate::settings::HttpSettings;
use crate::{account, operations, password, registration, schema, session};
use actix_web::web::Bytes;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder, Server};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Gatewright",
        description = "Who is this, and what may they do? Registration, sign-in, sessions and recovery.\n\n\
            Errors are `application/problem+json` (RFC 9457); decide by `code`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "Registration", description = "Signing up and proving the address"),
        (name = "Signing in", description = "Tokens: getting, renewing and ending them"),
        (name = "Password and e-mail", description = "Changing and recovering them"),
        (name = "The account", description = "One's own profile and sessions"),
        (name = "Operations", description = "For operators and other services"),
    ),
    paths(
        registration::register_account::handle,
        registration::verify_registration::handle,
        registration::resend_registration::handle,
        session::sign_in::handle,
        session::rotate_refresh_token::handle,
        session::sign_out::handle,
        session::sign_out_everywhere::handle,
        password::request_password_reset::handle,
        password::reset_password::handle,
        password::change_password::handle,
        account::request_email_change::handle,
        account::verify_email_change::handle,
        account::show_account::handle,
        account::update_profile::handle,
        account::update_profile::handle_put,
        account::delete_account::handle,
        session::list_sessions::handle,
        session::end_session::handle,
        session::end_other_sessions::handle,
        operations::health::summary,
        operations::health::live,
        operations::health::ready,
        operations::published_keys::handle,
    ),
    components(schemas(ProblemAnswer, FieldErrorAnswer)),
)]
struct Document;

/// The document as JSON, for a service with these settings.
pub(crate) fn document(settings: &HttpSettings) -> Bytes {
    let mut document = described(settings);
    let base = settings.base_path();
    document.servers = Some(vec![Server::new(if base.is_empty() { "/" } else { base })]);
    Bytes::from(document.to_json().unwrap_or_default())
}

/// The document, complete but for where it is served.
pub(crate) fn described(settings: &HttpSettings) -> OpenApi {
    let mut document = <Document as utoipa::OpenApi>::openapi();
    let components = document.components.get_or_insert_default();
    let new_password = schema::password_of_at_least(settings.password_min_length);
    components
        .schemas
        .insert(schema::NEW_PASSWORD.to_owned(), RefOr::T(Schema::Object(new_password)));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("PASETO")
        .description(Some("An access token"));
    components
        .security_schemes
        .insert("bearer".to_owned(), RefOr::T(SecurityScheme::Http(bearer.build())));
    for (path, item) in &mut document.paths.paths {
        if path.starts_with("/api/") {
            complete(item);
        }
    }
    document
}

/// Adds what is true of every call of the API.
fn complete(item: &mut PathItem) {
    if let Some(operation) = &mut item.get {
        complete_operation(operation);
    }
    let changing = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
    for operation in changing.into_iter().flatten() {
        complete_operation(operation);
        operation.parameters.get_or_insert_default().push(RefOr::T(device_id()));
        add(
            operation,
            "422",
            "`validation_failed` or, for a new password, `password_rejected`; see `errors`",
        );
    }
}

fn complete_operation(operation: &mut Operation) {
    if operation.request_body.is_some() {
        add(operation, "400", "`malformed_request`: not well-formed JSON");
        add(operation, "408", "`request_timeout`: the body did not arrive in time");
        add(operation, "413", "`payload_too_large`: over 64 KiB");
        add(operation, "415", "`unsupported_media_type`");
    }
    if operation.security.is_some() {
        add(
            operation,
            "401",
            "`invalid_token`, `expired_token`, `revoked_token` or, for a password, `invalid_credentials`",
        );
    }
    add(operation, "500", "`internal`");
    add(
        operation,
        "503",
        "`unavailable` or `overloaded`; `Retry-After` says when to try again",
    );
}

/// Adds a problem, unless the endpoint says more about that status itself.
fn add(operation: &mut Operation, status: &str, description: &str) {
    let responses = &mut operation.responses.responses;
    let problem = || RefOr::T(problem(description));
    responses.entry(status.to_owned()).or_insert_with(problem);
}

fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build()
}

fn device_id() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(gatewright_domain::session::client::MAX_DEVICE_ID_CHARS))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name(crate::extract::DEVICE_ID_HEADER)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The device, as named by the client or by the token answer's `device_id`",
        ))
        .schema(Some(schema))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes;
    use std::collections::BTreeSet;

    fn settings() -> HttpSettings {
        HttpSettings::new("https://id.example.org".parse().unwrap())
    }

    fn methods_of(item: &PathItem) -> Vec<&'static str> {
        let operations = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        let described = operations.into_iter().filter(|(_, operation)| operation.is_some());
        described.map(|(method, _)| method).collect()
    }

    #[test]
    fn every_call_of_the_route_table_is_described_and_no_other() {
        let document = described(&settings());
        let described: BTreeSet<(String, &str)> = document
            .paths
            .paths
            .iter()
            .flat_map(|(path, item)| methods_of(item).into_iter().map(|method| (path.clone(), method)))
            .filter(|(path, _)| path.starts_with("/api/"))
            .collect();
        let rows = routes::endpoints(true, true);
        let routed = rows
            .iter()
            .flat_map(|row| row.methods.iter().map(|method| (row.path.to_owned(), method.as_str())));
        let routed = routed
            .filter(|(path, method)| path.starts_with("/api/") && *method != "HEAD")
            .collect();
        assert_eq!(described, routed);
    }

    #[test]
    fn operations_have_names_of_their_own() {
        let document = described(&settings());
        let mut names = BTreeSet::new();
        for item in document.paths.paths.values() {
            for operation in [&item.get, &item.post, &item.put, &item.patch, &item.delete]
                .into_iter()
                .flatten()
            {
                assert!(names.insert(operation.operation_id.clone().unwrap()), "{names:?}");
            }
        }
        assert_eq!(names.len(), 23);
    }
}
