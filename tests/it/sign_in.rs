//! Signing in with a password.

use gatewright_tests::client::PASSWORD;
use gatewright_tests::server::Server;
use reqwest::Method;
use serde_json::json;

const ANN: &str = "ann@example.org";

#[tokio::test]
async fn the_oauth2_password_form_signs_in_too() {
    let server = Server::start();
    let client = server.client();
    client.register(&server.mailbox(), ANN, PASSWORD).await;
    let form = [
        ("grant_type", "password"),
        ("username", ANN),
        ("password", PASSWORD),
        ("scope", ""),
    ];
    let request = client.request(Method::POST, "/api/v1/auth/login").form(&form);
    let answer = client.send(request).await.expect(200);
    assert_eq!(answer.json()["token_type"], "Bearer");
}

#[tokio::test]
async fn a_device_is_recognised_or_minted() {
    let server = Server::start();
    let client = server.client();
    let first = client.register(&server.mailbox(), ANN, PASSWORD).await;
    assert!(!first.device_id.is_empty());
    let body = json!({"login": ANN, "password": PASSWORD});
    let request = client
        .request(Method::POST, "/api/v1/auth/login")
        .json(&body)
        .header("device-id", "my-phone");
    assert_eq!(client.send(request).await.expect(200).text_at("/device_id"), "my-phone");
    let long = "x".repeat(129);
    for bad in ["", "two words", long.as_str()] {
        let request = client
            .request(Method::POST, "/api/v1/auth/login")
            .json(&body)
            .header("device-id", bad);
        client.send(request).await.expect_problem(422, "validation_failed");
    }
}

#[tokio::test]
async fn a16_a_huge_password_is_refused_before_hashing() {
    let server = Server::start();
    let client = server.client();
    for (length, status, code) in [
        (257, 422, "validation_failed"),
        (20_000, 422, "validation_failed"),
        (1_000_000, 413, "payload_too_large"),
        (10_000_000, 413, "payload_too_large"),
    ] {
        let body = json!({"login": ANN, "password": "x".repeat(length)}).to_string();
        let request = client
            .request(Method::POST, "/api/v1/auth/login")
            .header("content-type", "application/json");
        // A server may close the connection while a body it has refused is still being sent.
        if let Ok(response) = request.body(body).send().await {
            gatewright_tests::answer::Answer::read(response)
                .await
                .expect_problem(status, code);
        }
    }
    client.get("/health/live").await.expect(200).text_at("/status");
}

#[tokio::test]
async fn a17_a_sign_in_storm_is_refused_in_part_and_harms_nobody() {
    let server = Server::with(&[("HASH_QUEUE", "8"), ("HASH_THREADS", "1")]);
    let client = server.client();
    let ann = client.register(&server.mailbox(), ANN, PASSWORD).await;
    let storm = (0..300).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.login(ANN, "wrong but long enough").await })
    });
    let storm: Vec<_> = storm.collect();
    let during = client
        .refresh(&ann.refresh_token)
        .await
        .expect(200)
        .text_at("/access_token");
    client.get_as(&during, "/users/me").await.expect(200).text_at("/id");
    let mut refused = 0;
    for answer in storm {
        let answer = answer.await.unwrap();
        if answer.status == 503 {
            answer.expect_problem(503, "overloaded");
            assert!(answer.header("retry-after").parse::<u32>().unwrap() >= 1);
            refused += 1;
        } else {
            answer.expect_problem(401, "invalid_credentials");
        }
    }
    assert!(refused > 0, "300 sign-ins at once passed a queue of 8");
    client.login(ANN, PASSWORD).await.expect(200).text_at("/access_token");
}

#[tokio::test]
async fn a19_the_whole_password_counts() {
    let server = Server::start();
    let client = server.client();
    let password = format!("{}\0{}", "p".repeat(72), "q".repeat(60));
    client.register(&server.mailbox(), ANN, &password).await;
    for position in [64, 72, 73, 128, 132] {
        let other: String = password
            .chars()
            .enumerate()
            .map(|(n, c)| if n == position { 'X' } else { c })
            .collect();
        client
            .login(ANN, &other)
            .await
            .expect_problem(401, "invalid_credentials");
    }
    let cut: String = password.chars().take(72).collect();
    client.login(ANN, &cut).await.expect_problem(401, "invalid_credentials");
    client
        .login(ANN, &password.to_uppercase())
        .await
        .expect_problem(401, "invalid_credentials");
    client.login(ANN, &password).await.expect(200).text_at("/access_token");
}

#[tokio::test]
async fn a20_a_password_is_the_same_in_either_unicode_form() {
    let server = Server::start();
    let client = server.client();
    client
        .register(&server.mailbox(), ANN, "cafe\u{301} society is open")
        .await;
    client
        .login(ANN, "caf\u{e9} society is open")
        .await
        .expect(200)
        .text_at("/access_token");
}

#[tokio::test]
async fn a21_a_listed_password_passes_no_door() {
    let server = Server::start();
    let client = server.client();
    let mailbox = server.mailbox();
    let listed = "passwordpassword";
    let body = json!({"email": "bob@example.org", "password": listed});
    client
        .post("/auth/register", body)
        .await
        .expect_problem(422, "password_rejected");
    let ann = client.register(&mailbox, ANN, PASSWORD).await;
    let body = json!({"current_password": PASSWORD, "new_password": listed});
    client
        .post_as(&ann.access_token, "/users/me/password", body)
        .await
        .expect_problem(422, "password_rejected");
    client
        .post("/auth/password/forgot", json!({"email": ANN}))
        .await
        .expect(202)
        .text_at("/flow_id");
    let token = mailbox.wait_for(ANN, 2).token();
    let body = json!({"token": token, "new_password": listed});
    client
        .post("/auth/password/reset", body)
        .await
        .expect_problem(422, "password_rejected");
    // The link was not used up by that.
    let body = json!({"token": token, "new_password": "another fine long password"});
    client.post("/auth/password/reset", body).await.expect(204);
}

#[tokio::test]
async fn a23_an_account_is_found_by_every_spelling_and_by_no_look_alike() {
    let server = Server::start();
    let client = server.client();
    let mailbox = server.mailbox();
    client.register(&mailbox, "kim@example.org", PASSWORD).await;
    client
        .login("KIM@EXAMPLE.ORG", PASSWORD)
        .await
        .expect(200)
        .text_at("/access_token");
    for look_alike in [
        "\u{212a}im@example.org",
        "k\u{131}m@example.org",
        "k\u{ed}m@example.org",
    ] {
        client
            .login(look_alike, PASSWORD)
            .await
            .expect_problem(401, "invalid_credentials");
        let body = json!({"email": look_alike});
        client
            .post("/auth/password/forgot", body)
            .await
            .expect_problem(422, "validation_failed");
    }
    client
        .post("/auth/password/forgot", json!({"email": "KIM@Example.ORG"}))
        .await
        .expect(202)
        .text_at("/flow_id");
    assert!(mailbox.wait_for("kim@example.org", 2).link().contains("token="));
}
