//! What is written down about requests.

use crate::world::{ANN, PASSWORD, World, bearer};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use std::io;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn accesses(&self) -> Vec<Value> {
        let text = self.text();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["target"] == "gatewright::access").collect()
    }
}

fn listen() -> (Lines, tracing::subscriber::DefaultGuard) {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone());
    (lines, tracing::subscriber::set_default(subscriber.finish()))
}

#[actix_web::test]
async fn a_request_is_one_line_with_route_status_and_id() {
    let world = World::new();
    let (lines, _guard) = listen();
    let path = "/api/v1/users/me/sessions/0195514b-3c00-7000-8000-000000000000";
    let request = TestRequest::delete().uri(path).insert_header(("x-request-id", "my-id"));
    world.send(request).await.expect(401);
    world.get("/nowhere").await.expect(404);
    let accesses = lines.accesses();
    assert_eq!(accesses.len(), 2);
    let fields = &accesses[0]["fields"];
    assert_eq!(fields["method"], "DELETE");
    assert_eq!(fields["route"], "/api/v1/users/me/sessions/{id}");
    assert_eq!(fields["status"], 401);
    assert_eq!(fields["duration_ms"], 0.0);
    assert_eq!(accesses[0]["span"], json!({"name": "request", "request_id": "my-id"}));
    assert_eq!(accesses[1]["fields"]["route"], "-");
}

#[actix_web::test]
async fn a88_the_log_holds_no_secret_and_nothing_breaks_its_lines() {
    let world = World::new();
    world.sign_up(ANN).await;
    let token = world.mailed_token(ANN);
    let (lines, _guard) = listen();
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
    let text = lines.text();
    for secret in [&token, &access, &refresh, PASSWORD, "canary", "forged"] {
        assert!(!text.contains(secret), "{secret} is in the log: {text}");
    }
    assert_eq!(lines.accesses().len(), 7);
}
