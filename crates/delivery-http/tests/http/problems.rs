//! Whatever is wrong with a request, the answer is a problem.

use crate::world::{Answer, Setup, World};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use std::sync::Arc;

const LOGIN: &str = "/api/v1/auth/login";

async fn post_typed(world: &World, media_type: &str, body: impl Into<actix_web::web::Bytes>) -> Answer {
    let request = TestRequest::post().uri(LOGIN);
    let request = request.insert_header(("content-type", media_type)).set_payload(body);
    world.send(request).await
}

#[actix_web::test]
async fn an_address_that_nobody_knows_is_not_found() {
    let world = World::new();
    for path in [
        "/",
        "/nowhere",
        "/api/v1/nowhere",
        "/api/v1/auth/login/",
        "/docs/../etc/passwd",
        "/%ff",
    ] {
        world.get(path).await.expect_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn a90_another_method_is_told_which_ones_there_are() {
    let world = World::new();
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = world.send(TestRequest::default().method(method).uri(LOGIN)).await;
        assert_eq!(answer.expect_problem(405, "method_not_allowed").header("allow"), "POST");
    }
    let answer = world.send(TestRequest::post().uri("/api/v1/users/me")).await;
    assert_eq!(answer.expect(405).header("allow"), "GET, HEAD, PATCH, PUT, DELETE");
}

#[actix_web::test]
async fn a90_the_method_is_not_taken_from_a_header_or_a_query() {
    let world = World::new();
    let request = TestRequest::get()
        .uri("/api/v1/auth/login?_method=POST")
        .insert_header(("x-http-method-override", "POST"));
    world.send(request).await.expect_problem(405, "method_not_allowed");
}

#[actix_web::test]
async fn a89_only_json_is_read_as_json() {
    let world = World::new();
    let body = r#"{"login":"ann","password":"x"}"#;
    for media_type in [
        "text/plain",
        "application/jsonx",
        "multipart/form-data; boundary=x",
        "",
        "application/json; charset=utf-16",
    ] {
        let answer = post_typed(&world, media_type, body).await;
        answer.expect_problem(415, "unsupported_media_type");
    }
    world
        .send(TestRequest::post().uri(LOGIN).set_payload(body))
        .await
        .expect_problem(415, "unsupported_media_type");
    post_typed(&world, "application/json; charset=UTF-8", body)
        .await
        .expect_problem(401, "invalid_credentials");
}

#[actix_web::test]
async fn what_is_not_json_is_malformed() {
    let world = World::new();
    let nested = "[".repeat(10_000);
    for body in [
        "",
        " ",
        "{",
        r#"{"login""#,
        r#"{"login":"a","password":"b"} x"#,
        "nul",
        nested.as_str(),
        r#"{"login":"\ud800","password":"b"}"#,
    ] {
        let answer = post_typed(&world, "application/json", body.to_owned()).await;
        answer.expect_problem(400, "malformed_request");
    }
    let not_utf8 = [b"{\"login\":\"".as_slice(), &[0xff, 0xfe], b"\",\"password\":\"x\"}"].concat();
    post_typed(&world, "application/json", not_utf8)
        .await
        .expect_problem(400, "malformed_request");
}

#[actix_web::test]
async fn what_is_json_of_another_shape_is_told_by_field() {
    let world = World::new();
    for (body, pointer, code) in [
        ("{}", "/login", "required"),
        (r#"{"login":"a"}"#, "/password", "required"),
        (r#"{"login":7,"password":"b"}"#, "/login", "invalid_type"),
        (r#"{"login":null,"password":"b"}"#, "/login", "invalid_type"),
        (
            r#"{"login":"a","password":"b","is_admin":true}"#,
            "/is_admin",
            "unknown_field",
        ),
        (r#"{"login":"a","password":"b","a/b~c":1}"#, "/a~1b~0c", "unknown_field"),
        (
            r#"{"login":"a","login":"c","password":"b"}"#,
            "/login",
            "duplicate_field",
        ),
        (
            r#"{"login":"a","password":"b","delivery":"pigeon"}"#,
            "/delivery",
            "invalid_value",
        ),
        (
            r#"{"login":"a","password":"b","totp_code":"12345"}"#,
            "/totp_code",
            "invalid_value",
        ),
        (r#"["a","b",null,"body"]"#, "", "invalid_type"),
        ("[]", "", "invalid_type"),
        ("\"text\"", "", "invalid_type"),
        ("null", "", "invalid_type"),
    ] {
        let answer = post_typed(&world, "application/json", body).await;
        answer
            .expect_problem(422, "validation_failed")
            .expect_fault(pointer, code);
    }
}

#[actix_web::test]
async fn a88_a_problem_never_repeats_what_was_sent() {
    let world = World::new();
    let canary = "canary-7f3a";
    let long = format!("{canary}{}", "x".repeat(400));
    for body in [
        serde_json::json!({"login": long, "password": canary}),
        serde_json::json!({"login": "a", "password": "b", "delivery": canary}),
        serde_json::json!({"login": "a", "password": [canary]}),
        serde_json::json!({"login": "a", "password": {"x": canary}}),
        serde_json::json!({"login": "a", "password": "b", "totp_code": canary}),
        serde_json::json!({"login": "a", "password": "b", long.as_str(): 1}),
    ] {
        let answer = world.post(LOGIN, body).await.expect_problem(422, "validation_failed");
        assert!(!answer.text.contains(canary), "{}", answer.text);
    }
}

#[actix_web::test]
async fn a16_a_body_over_the_bound_is_refused() {
    let world = World::new();
    let (start, end) = (r#"{"login":"a","password":""#, r#""}"#);
    let padded = |length: usize| [start, &"x".repeat(length - start.len() - end.len()), end].concat();
    let fits = post_typed(&world, "application/json", padded(64 * 1024)).await;
    fits.expect_problem(422, "validation_failed")
        .expect_fault("/password", "too_long");
    let answer = post_typed(&world, "application/json", padded(64 * 1024 + 1)).await;
    answer.expect_problem(413, "payload_too_large");
}

#[actix_web::test]
async fn a16_a_body_that_claims_to_be_too_large_is_not_read() {
    let world = World::new();
    let request = TestRequest::post()
        .uri(LOGIN)
        .insert_header(("content-type", "application/json"))
        .insert_header(("content-length", "104857600"));
    world.send(request).await.expect_problem(413, "payload_too_large");
}

#[actix_web::test]
async fn a_device_is_named_in_visible_ascii() {
    let world = World::new();
    for name in ["", "a b", "\u{e4}", &"x".repeat(129)] {
        let body = serde_json::json!({"login": "ann", "password": "x"});
        let request = TestRequest::post().uri(LOGIN).insert_header(("device-id", name));
        let answer = world.send(request.set_json(body)).await;
        answer
            .expect_problem(422, "validation_failed")
            .expect_fault("", "invalid_device_id");
    }
}

struct Panicking;

#[async_trait]
impl HealthProbe for Panicking {
    fn name(&self) -> &'static str {
        "panicking"
    }

    async fn check(&self) -> Result<(), PortError> {
        panic!("canary in a panic");
    }
}

#[actix_web::test]
async fn a91_a_panic_is_a_problem_and_others_go_on() {
    let world = World::with(Setup {
        probes: vec![Arc::new(Panicking)],
        ..Setup::default()
    });
    let answer = world.get("/health").await.expect_problem(500, "internal");
    assert!(!answer.text.contains("canary"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    world.get("/health/live").await.expect(200);
}
