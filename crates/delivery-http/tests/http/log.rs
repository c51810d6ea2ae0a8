//! What is written down about requests.

use crate::world::{ANN, PASSWORD, World, bearer};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io;
use std::sync::Once;

thread_local! {
    /// What was logged on this thread: each test has one of its own.
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes to the lines of the thread that logs.
struct ThisThread;

impl io::Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was logged on this thread.
fn logged() -> String {
    LOGGED.with_borrow(|logged| String::from_utf8(logged.clone()).unwrap())
}

/// The lines about requests among it.
fn accesses() -> Vec<Value> {
    let text = logged();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["target"] == "gatewright::access").collect()
}

/// Begins anew on this thread. One subscriber serves all tests: whether a place in the code is of interest is
/// remembered for the whole process, and subscribers that come and go beside each other make it forget.
fn listen() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let subscriber = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE);
        let subscriber = subscriber.with_writer(|| ThisThread).finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    LOGGED.take();
}

#[actix_web::test]
async fn a_request_is_one_line_with_route_status_and_id() {
    let world = World::new();
    listen();
    let path = "/api/v1/users/me/sessions/0195514b-3c00-7000-8000-000000000000";
    let request = TestRequest::delete().uri(path).insert_header(("x-request-id", "my-id"));
    world.send(request).await.expect(401);
    world.get("/nowhere").await.expect(404);
    let lines = accesses();
    assert_eq!(lines.len(), 2);
    let fields = &lines[0]["fields"];
    assert_eq!(fields["method"], "DELETE");
    assert_eq!(fields["route"], "/api/v1/users/me/sessions/{id}");
    assert_eq!(fields["status"], 401);
    assert_eq!(fields["duration_ms"], 0.0);
    assert_eq!(lines[0]["span"], json!({"name": "request", "request_id": "my-id"}));
    assert_eq!(lines[1]["fields"]["route"], "unmatched");
}

#[actix_web::test]
async fn a88_the_log_holds_no_secret_and_nothing_breaks_its_lines() {
    let world = World::new();
    world.sign_up(ANN).await;
    let token = world.mailed_token(ANN);
    listen();
    world
        .get(&format!("/verify-registration?token={token}"))
        .await
        .expect(200);
    let answer = world
        .post("/api/v1/auth/register/verify", json!({"token": token}))
        .await
        .expect(201);
    let (access, refresh) = (answer.text_at("/access_token"), answer.text_at("/refresh_token"));
    world
        .send(bearer(TestRequest::get().uri("/api/v1/users/me"), &access))
        .await
        .expect(200);
    world
        .post("/api/v1/auth/refresh", json!({"refresh_token": refresh}))
        .await
        .expect(200);
    world.login(ANN, PASSWORD).await.expect(200);
    world
        .login("eve\r\n{\"level\":\"ERROR\"}", "canary password")
        .await
        .expect(401);
    let request = TestRequest::get()
        .uri("/nowhere%0d%0aforged?x=canary")
        .insert_header(("user-agent", "canary"));
    world.send(request).await.expect(404);
    let text = logged();
    for secret in [&token, &access, &refresh, PASSWORD, "canary", "forged"] {
        assert!(!text.contains(secret), "{secret} is in the log: {text}");
    }
    assert_eq!(accesses().len(), 7);
}
