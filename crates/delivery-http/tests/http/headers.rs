//! What every answer carries.

use crate::world::{LISTED_ORIGIN, ORIGIN, Setup, World};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use gatewright_delivery_http::settings::HttpSettings;

const PATHS: [&str; 7] = [
    "/health",
    "/nowhere",
    "/api/v1/users/me",
    "/api/v1/auth/login",
    "/openapi.json",
    "/forgot-password",
    "/.well-known/paseto-keys",
];

#[actix_web::test]
async fn every_answer_is_sealed_off() {
    let world = World::new();
    for path in PATHS {
        let answer = world.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        assert!(answer.header("server").is_empty() && answer.header("x-powered-by").is_empty());
    }
}

#[actix_web::test]
async fn r46_nothing_of_the_api_is_cached() {
    let world = World::new();
    let ann = world.registered("ann@example.org").await;
    assert_eq!(ann.header("cache-control"), "no-store");
    for path in [
        "/api/v1/users/me",
        "/api/v1/nowhere",
        "/api/v1/auth/login",
        "/forgot-password",
    ] {
        assert_eq!(world.get(path).await.header("cache-control"), "no-store", "{path}");
    }
}

#[actix_web::test]
async fn browsers_are_held_to_tls_where_there_is_tls() {
    let answer = World::new().get("/health").await;
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    let plain = World::with(Setup {
        http: HttpSettings::new("http://localhost:8000".parse().unwrap()),
        ..Setup::default()
    });
    assert!(
        plain
            .get("/health")
            .await
            .header("strict-transport-security")
            .is_empty()
    );
}

#[actix_web::test]
async fn a_well_formed_request_id_is_kept_and_another_replaced() {
    let world = World::new();
    let with_id = |id: &str| TestRequest::get().uri("/nowhere").insert_header(("x-request-id", id));
    let longest = "x".repeat(64);
    for id in ["my-request.7_", longest.as_str()] {
        assert_eq!(world.send(with_id(id)).await.header("x-request-id"), id);
    }
    let too_long = "x".repeat(65);
    for id in ["", "a b", "a\"b", "{}", "caf\u{e9}", too_long.as_str()] {
        let given = world.send(with_id(id)).await.header("x-request-id");
        assert!(uuid::Uuid::parse_str(&given).is_ok(), "{given}");
    }
}

#[actix_web::test]
async fn a89_other_origins_are_let_in_by_list_only() {
    let world = World::new();
    let preflight = |origin: &str| {
        TestRequest::default()
            .method(Method::OPTIONS)
            .uri("/api/v1/auth/login")
            .insert_header(("origin", origin))
            .insert_header(("access-control-request-method", "POST"))
            .insert_header((
                "access-control-request-headers",
                "content-type, device-id, authorization",
            ))
    };
    let allowed = world.send(preflight(LISTED_ORIGIN)).await.expect(200);
    assert_eq!(allowed.header("access-control-allow-origin"), LISTED_ORIGIN);
    assert_eq!(allowed.header("access-control-allow-credentials"), "true");
    for origin in [
        "https://evil.example",
        "null",
        "http://app.example.org",
        "https://app.example.org.evil.example",
        "*",
    ] {
        let refused = world.send(preflight(origin)).await;
        assert!(refused.status.is_client_error());
        assert_eq!(refused.header("access-control-allow-origin"), "", "{origin}");
        let simple = TestRequest::get().uri("/health").insert_header(("origin", origin));
        let answer = world.send(simple).await.expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
}

#[actix_web::test]
async fn a_page_of_a_listed_origin_can_read_problems_too() {
    let world = World::new();
    let request = TestRequest::get()
        .uri("/api/v1/users/me")
        .insert_header(("origin", LISTED_ORIGIN));
    let answer = world.send(request).await.expect_problem(401, "invalid_token");
    assert_eq!(answer.header("access-control-allow-origin"), LISTED_ORIGIN);
    assert!(answer.header("access-control-expose-headers").contains("x-request-id"));
}

#[actix_web::test]
async fn without_a_list_no_origin_is_let_in() {
    let world = World::with(Setup {
        http: HttpSettings::new(ORIGIN.parse().unwrap()),
        ..Setup::default()
    });
    let request = TestRequest::get()
        .uri("/health")
        .insert_header(("origin", LISTED_ORIGIN));
    let answer = world.send(request).await.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}

#[actix_web::test]
async fn a_challenge_says_what_is_wrong_with_a_token() {
    let world = World::new();
    let missing = world.get("/api/v1/users/me").await.expect_problem(401, "invalid_token");
    assert_eq!(missing.header("www-authenticate"), "Bearer");
    let wrong = world
        .get_as("x", "/api/v1/users/me")
        .await
        .expect_problem(401, "invalid_token");
    assert_eq!(wrong.header("www-authenticate"), "Bearer error=\"invalid_token\"");
}
