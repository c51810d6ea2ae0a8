//! Access tokens: their kinds, their forgeries, their keys.

use gatewright_tests::client::{Client, PASSWORD, SignedIn};
use gatewright_tests::server::Server;
use reqwest::Method;
use serde_json::json;

const ANN: &str = "ann@example.org";

async fn signed_in(server: &Server) -> (Client, SignedIn) {
    let client = server.client();
    let ann = client.register(&server.mailbox(), ANN, PASSWORD).await;
    (client, ann)
}

#[tokio::test]
async fn a70_a_token_is_good_only_for_what_it_was_made_for() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let mailbox = server.mailbox();
    client.sign_up("bob@example.org", PASSWORD).await;
    let sign_up_link = mailbox.wait_for("bob@example.org", 1).token();
    client
        .post("/auth/password/forgot", json!({"email": ANN}))
        .await
        .expect(202)
        .text_at("/flow_id");
    let reset_link = mailbox.wait_for(ANN, 2).token();

    for bearer in [&ann.refresh_token, &sign_up_link, &reset_link] {
        client
            .get_as(bearer, "/users/me")
            .await
            .expect_problem(401, "invalid_token");
    }
    for refresh in [&ann.access_token, &sign_up_link, &reset_link] {
        client.refresh(refresh).await.expect_problem(401, "invalid_token");
    }
    for verify in [&ann.access_token, &ann.refresh_token, &reset_link] {
        client
            .post("/auth/register/verify", json!({"token": verify}))
            .await
            .expect_problem(401, "invalid_token");
    }
    for reset in [&ann.access_token, &ann.refresh_token, &sign_up_link] {
        let body = json!({"token": reset, "new_password": "a quite different passphrase"});
        client
            .post("/auth/password/reset", body)
            .await
            .expect_problem(401, "invalid_token");
    }
    // Each is still good for its own purpose.
    client
        .get_as(&ann.access_token, "/users/me")
        .await
        .expect(200)
        .text_at("/id");
    client
        .refresh(&ann.refresh_token)
        .await
        .expect(200)
        .text_at("/access_token");
    client
        .post("/auth/register/verify", json!({"token": sign_up_link}))
        .await
        .expect(201)
        .text_at("/access_token");
}

#[tokio::test]
async fn a73_a75_a_changed_token_is_refused_wherever_it_was_changed() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let token = &ann.access_token;
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 4, "{token}");
    assert_eq!(parts[..2], ["v4", "public"]);
    let mut forged = vec![
        String::new(),
        "v4.public.".to_owned(),
        format!("v3.public.{}.{}", parts[2], parts[3]),
        format!("v4.local.{}.{}", parts[2], parts[3]),
        format!("v4.public.{}", parts[2]),
        format!("{token}.extra"),
        format!("{token}{token}"),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.".to_owned(),
        format!("v4.public.{}.{}", parts[2], "eyJraWQiOiJrNC5waWQueCcgT1IgMT0xLS0ifQ"),
        "x".repeat(5_000),
    ];
    for position in (10..token.len()).step_by(17) {
        let byte = if token.as_bytes()[position] == b'A' { 'B' } else { 'A' };
        let changed: String = token
            .chars()
            .enumerate()
            .map(|(n, c)| if n == position { byte } else { c })
            .collect();
        forged.push(changed);
    }
    for bearer in forged {
        client
            .get_as(&bearer, "/users/me")
            .await
            .expect_problem(401, "invalid_token");
    }
    client.get_as(token, "/users/me").await.expect(200).text_at("/id");
}

#[tokio::test]
async fn a80_a_token_in_the_query_is_no_token() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    for name in ["access_token", "token", "authorization"] {
        let path = format!("/api/v1/users/me?{name}={}", ann.access_token);
        client.get(&path).await.expect_problem(401, "invalid_token");
    }
    assert!(!server.output().contains(&ann.access_token));
}

#[tokio::test]
async fn a_missing_bearer_is_told_how_to_authenticate() {
    let server = Server::start();
    let answer = server.client().get("/api/v1/users/me").await;
    answer.expect_problem(401, "invalid_token");
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    let basic = server
        .client()
        .request(Method::GET, "/api/v1/users/me")
        .basic_auth("ann", Some("x"));
    server.client().send(basic).await.expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn f32_keys_rotate_while_the_server_runs_and_old_tokens_live_on() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let footer = |token: &str| token.rsplit_once('.').unwrap().1.to_owned();
    let before = client.get("/.well-known/paseto-keys").await.expect(200);
    assert!(before.header("cache-control").contains("max-age"));
    assert_eq!(before.json()["keys"].as_array().unwrap().len(), 1);

    assert!(
        server
            .command(&["keys", "rotate", "--activate-in", "0s"])
            .status()
            .unwrap()
            .success()
    );
    let mut refresh_token = ann.refresh_token.clone();
    let given_up_at = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let next = SignedIn::from_answer(&client.refresh(&refresh_token).await.expect(200));
        if footer(&next.access_token) != footer(&ann.access_token) {
            break;
        }
        assert!(tokio::time::Instant::now() < given_up_at, "the new key was never used");
        refresh_token = next.refresh_token;
    }
    client
        .get_as(&ann.access_token, "/users/me")
        .await
        .expect(200)
        .text_at("/id");
    for replica in server.replicas() {
        loop {
            let after = replica.client().get("/.well-known/paseto-keys").await.expect(200);
            // Only public keys are published.
            assert!(!after.text.contains("k4.secret"));
            if after.json()["keys"].as_array().unwrap().len() == 2 {
                break;
            }
            assert!(
                tokio::time::Instant::now() < given_up_at,
                "the new key was never published"
            );
        }
    }
}

#[tokio::test]
async fn a_withdrawn_key_ends_its_tokens_also_those_that_were_used_before() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    for _ in server.replicas() {
        client.get_as(&ann.access_token, "/users/me").await.expect(200);
    }
    let file = server.data_dir().join("keys/token-keys");
    let is_key = |line: &&str| line.starts_with("k4.secret.");
    let withdrawn = std::fs::read_to_string(&file).unwrap();
    let withdrawn = withdrawn.lines().find(is_key).unwrap().to_owned();
    let rotated = server.command(&["keys", "rotate", "--activate-in", "0s"]).status();
    assert!(rotated.unwrap().success());
    let kept = std::fs::read_to_string(&file).unwrap();
    let id_and_secret = withdrawn.split(' ').next().unwrap();
    let kept: Vec<&str> = kept.lines().filter(|line| !line.starts_with(id_and_secret)).collect();
    assert_eq!(kept.iter().filter(|line| is_key(line)).count(), 1);
    std::fs::write(&file, kept.join("\n")).unwrap();

    let given_up_at = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    for replica in server.replicas() {
        while replica.client().get_as(&ann.access_token, "/users/me").await.status != 401 {
            assert!(
                tokio::time::Instant::now() < given_up_at,
                "a withdrawn key's token goes on working"
            );
        }
    }
}
