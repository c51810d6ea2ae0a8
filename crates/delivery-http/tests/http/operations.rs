//! Health, keys, and the API's own description.

use crate::world::{Setup, World};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use async_trait::async_trait;
use futures_util::future::join_all;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::{HealthProbe, Importance};
use gatewright_delivery_http::settings::HttpSettings;
use serde_json::{Value, json};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::Instant;

struct Probe(&'static str, Result<(), PortError>);

#[async_trait]
impl HealthProbe for Probe {
    fn name(&self) -> &'static str {
        self.0
    }

    fn importance(&self) -> Importance {
        match self.0 {
            "database" => Importance::Needed,
            _ => Importance::Degrading,
        }
    }

    async fn check(&self) -> Result<(), PortError> {
        self.1.clone()
    }
}

fn unavailable() -> PortError {
    PortError::Unavailable {
        dependency: "mail",
        reason: "canary: connection refused".to_owned(),
    }
}

fn with_database(outcome: Result<(), PortError>) -> World {
    World::with(Setup {
        probes: vec![Arc::new(Probe("database", outcome)), Arc::new(Probe("mail", Ok(())))],
        ..Setup::default()
    })
}

#[actix_web::test]
async fn health_is_told_by_dependency() {
    let world = with_database(Ok(()));
    let ready = world.get("/health/ready").await.expect(200).json();
    assert_eq!(
        ready,
        json!({"status": "ok", "dependencies": {"database": "ok", "mail": "ok"}})
    );
    assert_eq!(world.get("/health").await.expect(200).json(), json!({"status": "ok"}));
}

#[actix_web::test]
async fn a_dependency_that_is_down_turns_readiness_off_and_not_liveness() {
    let reason = "canary: connection refused".to_owned();
    let world = with_database(Err(PortError::Unavailable {
        dependency: "database",
        reason,
    }));
    let ready = world.get("/health/ready").await.expect(503);
    assert_eq!(
        ready.json()["dependencies"],
        json!({"database": "unavailable", "mail": "ok"})
    );
    assert!(!ready.header("retry-after").is_empty() && !ready.text.contains("canary"));
    world.get("/health").await.expect(503);
    world.get("/health/live").await.expect(200);
}

#[actix_web::test]
async fn a_dependency_that_is_missed_for_a_while_leaves_the_service_ready() {
    let world = World::with(Setup {
        probes: vec![
            Arc::new(Probe("database", Ok(()))),
            Arc::new(Probe("mail", Err(unavailable()))),
        ],
        ..Setup::default()
    });
    let ready = world.get("/health/ready").await.expect(200).json();
    assert_eq!(
        ready,
        json!({"status": "degraded", "dependencies": {"database": "ok", "mail": "unavailable"}})
    );
    assert_eq!(
        world.get("/health").await.expect(200).json(),
        json!({"status": "degraded"})
    );
    world.state.drain();
    assert_eq!(
        world.get("/health").await.expect(503).json(),
        json!({"status": "unavailable"})
    );
}

/// Never answers, and counts who asks.
#[derive(Default)]
struct Silent(AtomicU32);

#[async_trait]
impl HealthProbe for Silent {
    fn name(&self) -> &'static str {
        "silent"
    }

    async fn check(&self) -> Result<(), PortError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        pending().await
    }
}

#[actix_web::test]
async fn dependencies_are_asked_at_once_not_waited_for_and_asked_for_everybody_together() {
    let (one, other) = (Arc::<Silent>::default(), Arc::<Silent>::default());
    let world = World::with(Setup {
        probes: vec![one.clone(), other.clone(), Arc::new(Probe("database", Ok(())))],
        ..Setup::default()
    });
    let begun = Instant::now();
    let answers = join_all((0..100).map(|_| world.get("/health/ready"))).await;
    // One after the other, two would take two seconds.
    assert!(begun.elapsed() < Duration::from_millis(1900), "{:?}", begun.elapsed());
    for answer in answers {
        let dependencies = answer.expect(503).json()["dependencies"].clone();
        assert_eq!(dependencies, json!({"silent": "unavailable", "database": "ok"}));
    }
    assert_eq!((one.0.load(Ordering::Relaxed), other.0.load(Ordering::Relaxed)), (1, 1));
    world.get("/health/live").await.expect(200);
}

#[actix_web::test]
async fn f23_a_draining_server_is_not_ready_and_closes_connections() {
    let world = with_database(Ok(()));
    world.state.drain();
    assert_eq!(
        world.get("/health/ready").await.expect(503).json()["status"],
        "unavailable"
    );
    world.get("/health/live").await.expect(200);
}

#[actix_web::test]
async fn the_keys_are_published_and_may_be_kept_for_a_while() {
    let answer = World::new().get("/.well-known/paseto-keys").await.expect(200);
    assert_eq!(
        answer.json(),
        json!({"keys": [{"kid": "our-key", "key": "k4.public.none"}]})
    );
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
}

#[actix_web::test]
async fn the_description_says_where_the_service_is_and_how_long_a_password_is() {
    let world = World::with(Setup {
        http: HttpSettings {
            password_min_length: 12,
            ..HttpSettings::new("https://example.org/id".parse().unwrap())
        },
        ..Setup::default()
    });
    let document = world.get("/openapi.json").await.expect(200).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["info"]["license"]["identifier"], "MIT OR Apache-2.0");
    assert_eq!(document["servers"][0]["url"], "/id");
    assert_eq!(document["components"]["schemas"]["NewPassword"]["minLength"], 12);
}

#[actix_web::test]
async fn every_call_that_asks_for_a_bearer_refuses_whoever_is_none() {
    let world = World::new();
    let document = world.get("/openapi.json").await.expect(200).json();
    let mut guarded = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["security"] != json!([{"bearer": []}]) {
                continue;
            }
            guarded += 1;
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let path = path.replace("{id}", "0195514b-3c00-7000-8000-000000000000");
            let request = TestRequest::default().method(method).uri(&path).set_json(json!({}));
            world.send(request).await.expect_problem(401, "invalid_token");
        }
    }
    assert_eq!(guarded, 10);
}

#[actix_web::test]
async fn every_body_refuses_fields_that_nobody_knows() {
    let document = World::new().get("/openapi.json").await.expect(200).json();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let bodies = schemas.iter().filter(|(name, _)| name.ends_with("Body"));
    let mut closed = 0;
    for (name, schema) in bodies {
        let alternatives: Vec<&Value> = match schema["oneOf"].as_array() {
            Some(alternatives) => alternatives.iter().collect(),
            None => vec![schema],
        };
        for alternative in alternatives {
            assert_eq!(alternative["additionalProperties"], false, "{name}");
            closed += 1;
        }
    }
    assert!(closed >= 12, "{closed}");
}

#[actix_web::test]
async fn the_description_is_rendered_without_another_host() {
    let world = World::new();
    let page = world.get("/docs").await.expect(200);
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("script-src 'self';") && policy.contains("connect-src 'self'"),
        "{policy}"
    );
    assert!(!page.text.contains("://"), "{}", page.text);
    for (asset, media_type) in [
        ("swagger-ui.css", "text/css"),
        ("swagger-ui-bundle.js", "text/javascript"),
        ("start.js", "text/javascript"),
    ] {
        assert!(page.text.contains(&format!("docs/{asset}")));
        let file = world.get(&format!("/docs/{asset}")).await.expect(200);
        assert!(
            file.header("content-type").starts_with(media_type),
            "{}",
            file.header("content-type")
        );
        assert!(!file.text.is_empty());
    }
    for asset in ["index.html", "swagger-initializer.js", "nothing"] {
        world
            .get(&format!("/docs/{asset}"))
            .await
            .expect_problem(404, "not_found");
    }
}
