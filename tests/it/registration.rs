//! Signing up and proving the address.

use gatewright_tests::client::PASSWORD;
use gatewright_tests::server::Server;
use reqwest::Method;
use serde_json::{Value, json};

const ANN: &str = "ann@example.org";

fn proof(flow: &str, code: &str) -> Value {
    json!({"flow_id": flow, "code": code})
}

#[tokio::test]
async fn a_code_proves_the_address_and_signs_in() {
    let server = Server::start();
    let client = server.client();
    let body = json!({"email": ANN, "password": PASSWORD, "username": "Ann.Lee", "display_name": "Ann Lee"});
    let started = client.post("/auth/register", body).await.expect(202);
    assert_eq!(started.text_at("/status"), "verification_required");
    assert_eq!(started.json()["expires_in"], 600);
    assert!(started.header("cache-control").contains("no-store"));

    client
        .login(ANN, PASSWORD)
        .await
        .expect_problem(401, "invalid_credentials");

    let code = server.mailbox().wait_for(ANN, 1).code();
    let answer = client
        .post("/auth/register/verify", proof(&started.text_at("/flow_id"), &code))
        .await
        .expect(201);
    let user = answer.json()["user"].clone();
    assert_eq!(user["email"], ANN);
    assert_eq!(user["email_verified"], true);
    assert_eq!(user["username"], "Ann.Lee");
    assert_eq!(user["display_name"], "Ann Lee");
    assert_eq!(user["status"], "active");
    assert_eq!(user["roles"], json!(["normal_user"]));
    assert_eq!(answer.json()["token_type"], "Bearer");
    assert_eq!(answer.json()["expires_in"], 900);
    assert_eq!(answer.json()["refresh_expires_in"], 604_800);

    let token = answer.text_at("/access_token");
    let me = client.get_as(&token, "/users/me").await.expect(200);
    assert_eq!(me.json(), user);
    client
        .login("ann.lee", PASSWORD)
        .await
        .expect(200)
        .text_at("/access_token");
    client
        .login("ANN@EXAMPLE.ORG", PASSWORD)
        .await
        .expect(200)
        .text_at("/access_token");
}

#[tokio::test]
async fn a_link_proves_the_address_once() {
    let server = Server::start();
    let client = server.client();
    client.sign_up(ANN, PASSWORD).await;
    let token = server.mailbox().wait_for(ANN, 1).token();
    let answer = client
        .post("/auth/register/verify", json!({"token": token}))
        .await
        .expect(201);
    client
        .get_as(&answer.text_at("/access_token"), "/users/me")
        .await
        .expect(200)
        .text_at("/id");
    client
        .post("/auth/register/verify", json!({"token": token}))
        .await
        .expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn without_verification_the_account_is_there_at_once() {
    let server = Server::with(&[("EMAIL_VERIFICATION", "off")]);
    let client = server.client();
    let body = json!({"email": ANN, "password": PASSWORD, "username": "ann"});
    let answer = client.post("/auth/register", body).await.expect(201);
    assert_eq!(answer.json()["user"]["email_verified"], false);
    client
        .get_as(&answer.text_at("/access_token"), "/users/me")
        .await
        .expect(200)
        .text_at("/id");
    let again = client
        .post(
            "/auth/register",
            json!({"email": "Ann@Example.org", "password": PASSWORD}),
        )
        .await;
    again.expect_problem(409, "email_taken");
    let taken = json!({"email": "other@example.org", "password": PASSWORD, "username": "ANN"});
    client
        .post("/auth/register", taken)
        .await
        .expect_problem(409, "username_taken");
}

#[tokio::test]
async fn a_taken_username_is_told_and_costs_nothing() {
    let server = Server::start();
    let client = server.client();
    let mailbox = server.mailbox();
    let body = |email: &str| json!({"email": email, "password": PASSWORD, "username": "shared-name"});
    let first = client
        .post("/auth/register", body(ANN))
        .await
        .expect(202)
        .text_at("/flow_id");
    let second = client
        .post("/auth/register", body("bob@example.org"))
        .await
        .expect(202)
        .text_at("/flow_id");
    let code = mailbox.wait_for(ANN, 1).code();
    client
        .post("/auth/register/verify", proof(&first, &code))
        .await
        .expect(201)
        .text_at("/access_token");
    let code = mailbox.wait_for("bob@example.org", 1).code();
    client
        .post("/auth/register/verify", proof(&second, &code))
        .await
        .expect_problem(409, "username_taken");
    client
        .post("/auth/register", body("cyd@example.org"))
        .await
        .expect_problem(409, "username_taken");
    // Another name for the same address, and the account is made.
    let third = json!({"email": "bob@example.org", "password": PASSWORD, "username": "bob"});
    let third = client
        .post("/auth/register", third)
        .await
        .expect(202)
        .text_at("/flow_id");
    let code = mailbox.wait_for("bob@example.org", 2).code();
    client
        .post("/auth/register/verify", proof(&third, &code))
        .await
        .expect(201)
        .text_at("/access_token");
}

#[tokio::test]
async fn a01_known_and_unknown_addresses_are_answered_alike() {
    let server = Server::start();
    let client = server.client();
    client.register(&server.mailbox(), ANN, PASSWORD).await;
    for path in ["/auth/register", "/auth/register/resend", "/auth/password/forgot"] {
        let mut shapes = Vec::new();
        for email in [ANN, "nobody@example.org"] {
            let mut body = json!({"email": email});
            if path == "/auth/register" {
                body["password"] = json!(PASSWORD);
            }
            let answer = client.post(path, body).await.expect(202);
            let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            names.sort();
            let keys: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
            shapes.push((answer.text.len(), names, keys, answer.json()["expires_in"].clone()));
        }
        assert_eq!(shapes[0], shapes[1], "{path}");
    }
    let known = client.login(ANN, "another password entirely").await;
    let unknown = client.login("nobody@example.org", "another password entirely").await;
    known.expect_problem(401, "invalid_credentials");
    unknown.expect_problem(401, "invalid_credentials");
    let without_id = |text: &str| text.replace(|c: char| c.is_ascii_hexdigit() || c == '-', "");
    assert_eq!(without_id(&known.text), without_id(&unknown.text));
}

#[tokio::test]
async fn a04_a_known_address_gets_a_mail_that_says_so_instead() {
    let server = Server::start();
    let client = server.client();
    let mailbox = server.mailbox();
    client.register(&mailbox, "Ann@example.org", PASSWORD).await;
    let flow = client.sign_up("ANN@example.org", "a different long password").await;
    // The mail goes to the stored spelling, not to the typed one, and holds no code.
    let mail = mailbox.wait_for("Ann@example.org", 2);
    assert!(!mail.text.contains("token="), "{}", mail.text);
    assert!(mailbox.to("ANN@example.org").is_empty());
    // The decoy flow behaves like a real one: five tries, then it is dead.
    for _ in 0..6 {
        client
            .post("/auth/register/verify", proof(&flow, "123456"))
            .await
            .expect_problem(401, "invalid_code");
    }
    client
        .login("ann@example.org", PASSWORD)
        .await
        .expect(200)
        .text_at("/access_token");
}

#[tokio::test]
async fn a26_a_username_cannot_be_an_email_address() {
    let server = Server::start();
    let body = json!({"email": ANN, "password": PASSWORD, "username": "bob@example.org"});
    let answer = server.client().post("/auth/register", body).await;
    answer.expect_problem(422, "validation_failed");
    assert_eq!(answer.text_at("/errors/0/pointer"), "/username");
}

#[tokio::test]
async fn a27_parallel_registrations_make_one_account() {
    let server = Server::with(&[
        ("EMAIL_VERIFICATION", "off"),
        ("HASH_QUEUE", "128"),
        ("HASH_MAX_WAIT", "60s"),
    ]);
    let client = server.client();
    let tries = (0..50).map(|n| {
        let email = if n % 2 == 0 { ANN } else { "ANN@example.org" };
        let client = client.clone();
        tokio::spawn(async move {
            client
                .post("/auth/register", json!({"email": email, "password": PASSWORD}))
                .await
        })
    });
    let mut created = 0;
    for answer in tries.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        if answer.status == 201 {
            created += 1;
        } else {
            answer.expect_problem(409, "email_taken");
        }
    }
    assert_eq!(created, 1);
}

#[tokio::test]
async fn a29_smtp_syntax_in_an_address_is_refused() {
    let server = Server::start();
    let client = server.client();
    for email in [
        "a@b.example\r\nRCPT TO:<c@d.example>",
        "\"a b\"@c.example",
        "a@b.example\0",
        "<a@b.example>",
    ] {
        for path in ["/auth/register", "/auth/register/resend", "/auth/password/forgot"] {
            let mut body = json!({"email": email});
            if path == "/auth/register" {
                body["password"] = json!(PASSWORD);
            }
            client.post(path, body).await.expect_problem(422, "validation_failed");
        }
    }
    assert!(server.mailbox().all().is_empty());
}

#[tokio::test]
async fn a30_what_strangers_type_is_not_repeated_in_mails() {
    let server = Server::start();
    let client = server.client();
    let name = "<a href=//evil.example>{{7*1901}}</a>";
    let body = json!({"email": ANN, "password": PASSWORD, "display_name": name});
    let request = client.request(Method::POST, "/api/v1/auth/register").json(&body);
    let request = request.header("user-agent", "You won <b>visit</b> evil.example");
    client.send(request).await.expect(202).text_at("/flow_id");
    let mail = server.mailbox().wait_for(ANN, 1);
    for part in [&mail.subject, &mail.text, &mail.html] {
        assert!(!part.contains("evil.example") && !part.contains("13307"), "{part}");
    }
}

#[tokio::test]
async fn a31_nobody_can_be_flooded_with_mail() {
    let server = Server::start();
    let client = server.client();
    let mailbox = server.mailbox();
    client.register(&mailbox, "bob@example.org", PASSWORD).await;
    for _ in 0..30 {
        client
            .post("/auth/register/resend", json!({"email": ANN}))
            .await
            .expect(202)
            .text_at("/flow_id");
        client
            .post("/auth/password/forgot", json!({"email": "bob@example.org"}))
            .await
            .expect(202)
            .text_at("/flow_id");
    }
    let first = client.sign_up(ANN, PASSWORD).await;
    // A mail of later date shows that the outbox has been worked off.
    let body = json!({"email": "cyd@example.org", "password": PASSWORD});
    client
        .post("/auth/register", body)
        .await
        .expect(202)
        .text_at("/flow_id");
    assert!(!first.is_empty());
    // The proof of his address, and five resets: each purpose counts by itself.
    mailbox.wait_for("bob@example.org", 6).token();
    assert_eq!(mailbox.to("bob@example.org").len(), 6);
    assert!(mailbox.to(ANN).len() <= 5);
    assert!(mailbox.all().len() <= 60);
}

#[tokio::test]
async fn a32_links_point_at_the_configured_address_alone() {
    let server = Server::with(&[("PUBLIC_BASE_URL", "https://id.example.org")]);
    let client = server.client();
    let body = json!({"email": ANN, "password": PASSWORD});
    let request = client.request(Method::POST, "/api/v1/auth/register").json(&body);
    let request = request
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http");
    let request = request
        .header("forwarded", "host=evil.example")
        .header("host", "evil.example");
    client.send(request).await.expect(202).text_at("/flow_id");
    let mail = server.mailbox().wait_for(ANN, 1);
    assert!(mail.link().starts_with("https://id.example.org/"), "{}", mail.link());
    assert!(!mail.raw.contains("evil.example"));
}

#[tokio::test]
async fn a81_nothing_but_the_named_fields_is_taken() {
    let server = Server::start();
    for field in [
        "roles",
        "role",
        "is_admin",
        "email_verified",
        "is_verified",
        "user_id",
        "id",
        "created_at",
    ] {
        let mut body = json!({"email": ANN, "password": PASSWORD});
        body[field] = json!(true);
        let answer = server.client().post("/auth/register", body).await;
        answer.expect_problem(422, "validation_failed");
    }
}

#[tokio::test]
async fn new_passwords_meet_the_policy_and_every_fault_is_told() {
    let server = Server::with(&[("PASSWORD_POLICY", "composed")]);
    let client = server.client();
    let register = |password: &str| json!({"email": ANN, "password": password});
    let answer = client.post("/auth/register", register("password")).await;
    answer.expect_problem(422, "password_rejected");
    let told: Vec<Value> = answer.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["code"].clone())
        .collect();
    assert!(told.len() >= 4, "{told:?}");
    assert!(!answer.text.contains("\"password\":"), "{}", answer.text);
    client
        .post("/auth/register", register("Tr0ub4dor&3xyz"))
        .await
        .expect(202)
        .text_at("/flow_id");
}
