//! Health, documents, headers, logs, and stopping.

use gatewright_tests::client::PASSWORD;
use gatewright_tests::server::Server;
use reqwest::Method;
use serde_json::json;

const ANN: &str = "ann@example.org";

#[tokio::test]
async fn health_is_told_by_dependency() {
    let server = Server::start();
    let client = server.client();
    for path in ["/health", "/health/live", "/health/ready"] {
        client.get(path).await.expect(200).text_at("/status");
    }
    let ready = client.get("/health/ready").await;
    assert!(ready.text.contains("database"), "{}", ready.text);
}

#[tokio::test]
async fn the_api_describes_itself_and_the_description_renders_without_other_hosts() {
    let server = Server::start();
    let client = server.client();
    let document = client.get("/openapi.json").await.expect(200);
    assert!(document.text_at("/openapi").starts_with("3.1"));
    let paths = document.json()["paths"].as_object().unwrap().clone();
    for path in [
        "/auth/register",
        "/auth/register/verify",
        "/auth/register/resend",
        "/auth/login",
        "/auth/refresh",
        "/auth/logout",
        "/auth/logout-all",
        "/auth/password/forgot",
        "/auth/password/reset",
        "/users/me",
        "/users/me/password",
        "/users/me/email",
        "/users/me/email/verify",
        "/users/me/sessions",
        "/users/me/sessions/{id}",
    ] {
        assert!(paths.contains_key(&format!("/api/v1{path}")), "{path} is not described");
    }
    let mut docs = client.get("/docs").await;
    if docs.status.is_redirection() {
        docs = client.get(docs.header("location")).await;
    }
    let docs = docs.expect(200);
    assert!(docs.header("content-type").starts_with("text/html"));
    assert!(
        !docs.text.contains("https://") && !docs.text.contains("src=\"//"),
        "{}",
        docs.text
    );
}

#[tokio::test]
async fn every_answer_carries_a_request_id_and_the_security_headers() {
    let server = Server::start();
    let client = server.client();
    for (method, path) in [
        (Method::GET, "/health"),
        (Method::GET, "/nowhere"),
        (Method::GET, "/api/v1/users/me"),
        (Method::POST, "/api/v1/auth/login"),
        (Method::DELETE, "/api/v1/auth/login"),
    ] {
        let answer = client.send(client.request(method, path)).await;
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(
            answer.header("content-security-policy").contains("default-src 'none'"),
            "{path}"
        );
        assert!(answer.header("server").is_empty() && answer.header("x-powered-by").is_empty());
    }
    let own = client
        .request(Method::GET, "/health")
        .header("x-request-id", "my-request-7");
    assert_eq!(client.send(own).await.header("x-request-id"), "my-request-7");
    let bad = client
        .request(Method::GET, "/health")
        .header("x-request-id", "no spaces {}");
    assert_ne!(client.send(bad).await.header("x-request-id"), "no spaces {}");
}

#[tokio::test]
async fn whatever_is_wrong_with_a_request_the_answer_is_a_problem() {
    let server = Server::start();
    let client = server.client();
    client.get("/nowhere").await.expect_problem(404, "not_found");
    client.get("/api/v1/nowhere").await.expect_problem(404, "not_found");
    let login = || client.request(Method::POST, "/api/v1/auth/login");
    client
        .get("/api/v1/auth/login")
        .await
        .expect_problem(405, "method_not_allowed");
    client.send(login()).await.expect_problem(415, "unsupported_media_type");
    let typed = |kind: &str, body: &str| login().header("content-type", kind.to_owned()).body(body.to_owned());
    client
        .send(typed("text/plain", "{}"))
        .await
        .expect_problem(415, "unsupported_media_type");
    client
        .send(typed("application/json", "{"))
        .await
        .expect_problem(400, "malformed_request");
    client
        .send(typed("application/json", ""))
        .await
        .expect_problem(400, "malformed_request");
    client
        .send(typed("application/json", "[]"))
        .await
        .expect_problem(422, "validation_failed");
    client
        .send(typed("application/json", "{}"))
        .await
        .expect_problem(422, "validation_failed");
    let twice = r#"{"login":"a","login":"b","password":"c"}"#;
    client
        .send(typed("application/json", twice))
        .await
        .expect_problem(422, "validation_failed");
    let huge = json!({"login": "x".repeat(70_000), "password": "y"}).to_string();
    client
        .send(typed("application/json", &huge))
        .await
        .expect_problem(413, "payload_too_large");
    let trace = Method::from_bytes(b"TRACE").unwrap();
    client
        .send(client.request(trace, "/api/v1/users/me"))
        .await
        .expect_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn a89_other_sites_are_let_in_by_list_only() {
    let server = Server::with(&[("CORS_ALLOWED_ORIGINS", "https://app.example.org")]);
    let client = server.client();
    let preflight = |origin: &str| {
        client
            .request(Method::OPTIONS, "/api/v1/auth/login")
            .header("origin", origin.to_owned())
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
    };
    let allowed = client.send(preflight("https://app.example.org")).await;
    assert_eq!(allowed.header("access-control-allow-origin"), "https://app.example.org");
    for origin in [
        "https://evil.example",
        "null",
        "https://app.example.org.evil.example",
        "http://app.example.org",
    ] {
        let refused = client.send(preflight(origin)).await;
        assert_eq!(refused.header("access-control-allow-origin"), "", "{origin}");
        let simple = client.request(Method::GET, "/health").header("origin", origin);
        assert_eq!(
            client.send(simple).await.header("access-control-allow-origin"),
            "",
            "{origin}"
        );
    }
}

#[tokio::test]
async fn a51_a88_no_secret_reaches_the_log_and_no_input_breaks_it() {
    let server = Server::with(&[("LOG_LEVEL", "trace"), ("LOG_FORMAT", "json")]);
    let client = server.client();
    let mailbox = server.mailbox();
    let ann = client.register(&mailbox, ANN, PASSWORD).await;
    let body = json!({"login": "eve\r\n{\"level\":\"ERROR\"}", "password": "canary-password-1"});
    client
        .post("/auth/login", body)
        .await
        .expect_problem(401, "invalid_credentials");
    client
        .refresh(&ann.refresh_token)
        .await
        .expect(200)
        .text_at("/access_token");
    client
        .get_as(&ann.access_token, "/users/me")
        .await
        .expect(200)
        .text_at("/id");
    client
        .post("/auth/password/forgot", json!({"email": ANN}))
        .await
        .expect(202)
        .text_at("/flow_id");
    let token = mailbox.wait_for(ANN, 2).token();
    client
        .get(&format!("/reset-password?token={token}"))
        .await
        .expect(200)
        .header("content-type");
    let code = mailbox.to(ANN)[0].code();
    let log = server.output();
    for secret in [
        PASSWORD,
        "canary-password-1",
        &ann.access_token,
        &ann.refresh_token,
        &token,
        &code,
    ] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
    assert!(log.lines().count() > 5);
    for line in log.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    assert!(log.contains("request_id"));
}

#[tokio::test]
async fn a51_answers_never_hold_what_is_mailed() {
    let server = Server::start();
    let client = server.client();
    let started = client
        .post("/auth/register", json!({"email": ANN, "password": PASSWORD}))
        .await
        .expect(202);
    let mail = server.mailbox().wait_for(ANN, 1);
    assert!(!started.text.contains(&mail.code()) && !started.text.contains(&mail.token()));
    let started: serde_json::Map<_, _> = started.json().as_object().unwrap().clone();
    let keys: Vec<&String> = started.keys().collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
}

#[tokio::test]
async fn r25_the_database_holds_no_password_code_or_token_in_clear() {
    let server = Server::start();
    let client = server.client();
    let ann = client.register(&server.mailbox(), ANN, PASSWORD).await;
    client
        .post("/auth/password/forgot", json!({"email": ANN}))
        .await
        .expect(202)
        .text_at("/flow_id");
    let link = server.mailbox().wait_for(ANN, 2).token();
    client.sign_up("bob@example.org", PASSWORD).await;
    let code = server.mailbox().wait_for("bob@example.org", 1).code();
    let stored = server.environment().dump();
    let is_stored = |text: &[u8]| stored.windows(text.len()).any(|window| window == text);
    assert!(is_stored(ANN.as_bytes()), "nothing is found at all");
    for secret in [PASSWORD, &ann.refresh_token, &ann.access_token, &link] {
        assert!(!is_stored(secret.as_bytes()), "a secret is in the database");
    }
    // Six digits may stand in a blob by chance: here they must not stand as a text of their own.
    let quoted = [b"\"", code.as_bytes(), b"\""].concat();
    assert!(!is_stored(&quoted), "a code is in the database");
}

#[tokio::test]
async fn f24_a_stop_finishes_what_is_under_way() {
    let mut server = Server::start();
    let client = server.client();
    client.register(&server.mailbox(), ANN, PASSWORD).await;
    let under_way: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                let body = json!({"login": ANN, "password": PASSWORD});
                client
                    .request(Method::POST, "/api/v1/auth/login")
                    .json(&body)
                    .send()
                    .await
            })
        })
        .collect();
    let mut answered = 0;
    let mut terminated = false;
    for request in under_way {
        if let Ok(response) = request.await.unwrap() {
            assert_eq!(response.status(), 200);
            answered += 1;
        }
        if !terminated {
            server.terminate();
            terminated = true;
        }
    }
    assert!(answered >= 1);
    assert!(server.wait().success());
}
