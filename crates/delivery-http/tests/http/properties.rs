//! Whatever bytes come, the answer is a 4xx problem, and nothing is lost.

use crate::world::{ANN, World, bearer};
use actix_web::http::Method;
use actix_web::rt::Runtime;
use actix_web::test::TestRequest;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value};

const TARGETS: &[(&str, &str)] = &[
    ("POST", "/api/v1/auth/register"),
    ("POST", "/api/v1/auth/register/verify"),
    ("POST", "/api/v1/auth/register/resend"),
    ("POST", "/api/v1/auth/login"),
    ("POST", "/api/v1/auth/refresh"),
    ("POST", "/api/v1/auth/password/forgot"),
    ("POST", "/api/v1/auth/password/reset"),
    ("POST", "/api/v1/users/me/password"),
    ("POST", "/api/v1/users/me/email"),
    ("POST", "/api/v1/users/me/email/verify"),
    ("PATCH", "/api/v1/users/me"),
    ("PUT", "/api/v1/users/me"),
    ("DELETE", "/api/v1/users/me"),
];

const FORMS: &[&str] = &[
    "/verify-registration",
    "/verify-email",
    "/reset-password",
    "/api/v1/auth/login",
];

const GETS: &[&str] = &[
    "/api/v1/users/me",
    "/api/v1/users/me/sessions",
    "/verify-email",
    "/health",
    "/docs/x",
];

const HEADERS: &[&str] = &[
    "authorization",
    "cookie",
    "device-id",
    "origin",
    "user-agent",
    "x-request-id",
    "content-length",
    "content-type",
];

const FIELDS: &[&str] = &[
    "email",
    "password",
    "username",
    "display_name",
    "delivery",
    "flow_id",
    "code",
    "token",
    "login",
    "totp_code",
    "refresh_token",
    "new_password",
    "current_password",
    "new_email",
    "settings",
];

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[0-9]{6}".prop_map(Value::from),
        Just(Value::from("0195514b-3c00-7000-8000-000000000000")),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from);
        let map = prop::collection::hash_map(".{0,8}", inner, 0..6);
        prop_oneof![list, map.prop_map(|map| Value::Object(map.into_iter().collect()))]
    })
}

/// Objects made of our own field names, so that many of them get past the first look.
fn nearly_a_body() -> impl Strategy<Value = Value> {
    let field = (prop::sample::select(FIELDS), json_value());
    prop::collection::vec(field, 0..5).prop_map(|fields| {
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
        Value::Object(fields.collect::<Map<_, _>>())
    })
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        json_value().prop_map(|value| value.to_string().into_bytes()),
        nearly_a_body().prop_map(|value| value.to_string().into_bytes()),
        ".{0,80}".prop_map(String::into_bytes),
    ]
}

fn media_type() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        8 => Just("application/json"),
        2 => Just("application/x-www-form-urlencoded"),
        1 => Just("text/plain"),
    ]
}

/// Answers that a lucky body may get: they need no secret.
fn is_harmless_success(path: &str, status: u16) -> bool {
    let starts_a_flow = ["/register", "/resend", "/forgot"]
        .iter()
        .any(|end| path.ends_with(end));
    (starts_a_flow && status == 202) || (path == "/api/v1/users/me" && status == 200)
}

#[test]
fn a91_any_bytes_on_any_body_are_answered_with_a_4xx_problem() {
    let runtime = Runtime::new().unwrap();
    let world = World::new();
    let token = runtime.block_on(world.registered(ANN)).text_at("/access_token");
    let strategy = (prop::sample::select(TARGETS), media_type(), payload(), any::<bool>());
    let outcome = runner(1500).run(&strategy, |((method, path), media_type, payload, signed_in)| {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = TestRequest::default().method(method).uri(path);
        let request = request.insert_header(("content-type", media_type)).set_payload(payload);
        let request = if signed_in { bearer(request, &token) } else { request };
        let answer = runtime.block_on(world.send(request));
        let status = answer.status.as_u16();
        if !is_harmless_success(path, status) {
            prop_assert!((400..500).contains(&status), "{path}: {status} {}", answer.text);
            prop_assert_eq!(answer.header("content-type"), "application/problem+json");
            prop_assert_eq!(answer.json()["status"].clone(), Value::from(status));
        }
        Ok(())
    });
    outcome.unwrap();
    runtime.block_on(world.get_as(&token, "/api/v1/users/me")).expect(200);
}

#[test]
fn a91_any_bytes_on_any_form_are_answered_with_a_4xx() {
    let runtime = Runtime::new().unwrap();
    let world = World::new();
    let strategy = (prop::sample::select(FORMS), payload());
    let outcome = runner(400).run(&strategy, |(path, payload)| {
        let request = TestRequest::post().uri(path).set_payload(payload);
        let request = request.insert_header(("content-type", "application/x-www-form-urlencoded"));
        let answer = runtime.block_on(world.send(request));
        prop_assert!(
            answer.status.is_client_error(),
            "{path}: {} {}",
            answer.status,
            answer.text
        );
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn a91_any_headers_and_queries_are_answered_without_a_5xx() {
    let runtime = Runtime::new().unwrap();
    let world = World::new();
    let value = prop::collection::vec(0x20_u8..0x7f, 0..60);
    let query = "[a-zA-Z0-9%&=+.-]{0,40}";
    let strategy = (prop::sample::select(GETS), prop::sample::select(HEADERS), value, query);
    let outcome = runner(400).run(&strategy, |(path, name, value, query)| {
        let request = TestRequest::get().uri(&format!("{path}?{query}"));
        let answer = runtime.block_on(world.send(request.insert_header((name, value))));
        prop_assert!(
            answer.status.as_u16() < 500,
            "{path}: {} {}",
            answer.status,
            answer.text
        );
        Ok(())
    });
    outcome.unwrap();
}

fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
}
