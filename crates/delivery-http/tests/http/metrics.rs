//! What is measured of requests, and where it is shown.

use crate::connection::{exchange, listen};
use crate::world::{Setup, World};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use async_trait::async_trait;
use gatewright_application::ports::gauges::MetricsPage;
use gatewright_application::ports::measurements::{
    AnsweredRequest, MailResult, Measurements, SignInOutcome, Unmeasured,
};
use gatewright_delivery_http::server;
use gatewright_delivery_http::settings::HttpSettings;
use gatewright_delivery_http::state::Observation;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;

/// Keeps every request as a line, and shows them.
#[derive(Default)]
struct Requests(Mutex<Vec<String>>);

impl Requests {
    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Measurements for Requests {
    fn request_answered(&self, request: AnsweredRequest<'_>) {
        let AnsweredRequest {
            route, method, status, ..
        } = request;
        self.0.lock().unwrap().push(format!("{method} {route} {status}"));
    }

    fn sign_in(&self, outcome: SignInOutcome) {
        Unmeasured.sign_in(outcome);
    }

    fn password_hashed(&self, waited: Duration, took: Duration) {
        Unmeasured.password_hashed(waited, took);
    }

    fn mail(&self, result: MailResult) {
        Unmeasured.mail(result);
    }

    fn job_finished(&self, job: gatewright_application::jobs::job::Job, succeeded: bool, took: Duration) {
        Unmeasured.job_finished(job, succeeded, took);
    }
}

#[async_trait]
impl MetricsPage for Requests {
    fn media_type(&self) -> &'static str {
        "text/plain; version=0.0.4"
    }

    async fn text(&self) -> String {
        self.lines().join("\n")
    }
}

fn measured(metrics_on_main_port: bool) -> (World, Arc<Requests>) {
    let requests = Arc::<Requests>::default();
    let world = World::with(Setup {
        http: HttpSettings {
            metrics_on_main_port,
            ..Setup::default().http
        },
        observation: Observation {
            measurements: requests.clone(),
            metrics: Some(requests.clone()),
            ..Observation::default()
        },
        ..Setup::default()
    });
    (world, requests)
}

#[actix_web::test]
async fn a_request_counts_for_its_pattern_and_never_for_its_path() {
    let (world, requests) = measured(false);
    let path = "/api/v1/users/me/sessions/0195514b-3c00-7000-8000-000000000000";
    world.send(TestRequest::delete().uri(path)).await.expect(401);
    world.get("/wp-login.php").await.expect(404);
    world.get("/api/v1/auth/login").await.expect(405);
    let brew = TestRequest::default().method(Method::from_bytes(b"BREW").unwrap());
    world.send(brew.uri("/health")).await.expect(405);
    assert_eq!(
        requests.lines(),
        [
            "DELETE /api/v1/users/me/sessions/{id} 401",
            "GET unmatched 404",
            "GET /api/v1/auth/login 405",
            "BREW /health 405",
        ]
    );
}

#[actix_web::test]
async fn a90_metrics_are_beside_the_api_where_that_is_wanted_and_nowhere_else() {
    let (world, _) = measured(true);
    world.get("/health/live").await.expect(200);
    let answer = world.get("/metrics").await.expect(200);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4");
    assert_eq!(answer.text, "GET /health/live 200");
    let (world, _) = measured(false);
    world.get("/metrics").await.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn who_watches_has_a_listener_with_metrics_and_health_and_nothing_else() {
    let (world, _) = measured(false);
    let (listener, address) = listen();
    let (stop, told) = oneshot::channel::<()>();
    let server = server::serve_observation(listener, Arc::clone(&world.state), async {
        told.await.unwrap();
    });
    let stopped = actix_web::rt::spawn(server);
    for (path, status) in [
        ("/metrics", 200),
        ("/health", 200),
        ("/health/live", 200),
        ("/health/ready", 200),
        ("/api/v1/users/me", 404),
        ("/docs", 404),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = exchange(address, request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
        assert!(answer.contains("x-request-id: "), "{path}: {answer}");
    }
    stop.send(()).unwrap();
    stopped.await.unwrap().unwrap();
}
