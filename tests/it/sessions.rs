//! Sessions: refreshing, reuse, signing out, listing.

use gatewright_tests::client::{Client, PASSWORD, SignedIn};
use gatewright_tests::server::Server;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ANN: &str = "ann@example.org";

async fn signed_in(server: &Server) -> (Client, SignedIn) {
    let client = server.client();
    let ann = client.register(&server.mailbox(), ANN, PASSWORD).await;
    (client, ann)
}

async fn sessions_of(client: &Client, token: &str) -> Vec<Value> {
    let answer = client.get_as(token, "/users/me/sessions").await.expect(200);
    let json = answer.json();
    json["items"].as_array().unwrap_or_else(|| panic!("{json}")).clone()
}

#[tokio::test]
async fn a_refresh_rotates_both_tokens_and_keeps_the_session() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let answer = client.refresh(&ann.refresh_token).await.expect(200);
    let next = SignedIn::from_answer(&answer);
    assert_eq!(next.session_id, ann.session_id);
    assert_eq!(next.device_id, ann.device_id);
    assert_ne!(next.refresh_token, ann.refresh_token);
    assert_ne!(next.access_token, ann.access_token);
    client
        .get_as(&next.access_token, "/users/me")
        .await
        .expect(200)
        .text_at("/id");
    client
        .refresh(&next.refresh_token)
        .await
        .expect(200)
        .text_at("/access_token");
}

#[tokio::test]
async fn a65_a_spent_token_that_comes_back_ends_the_session_and_tells_the_owner() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let other = SignedIn::from_answer(&client.login(ANN, PASSWORD).await.expect(200));
    let second = SignedIn::from_answer(&client.refresh(&ann.refresh_token).await.expect(200));
    let third = SignedIn::from_answer(&client.refresh(&second.refresh_token).await.expect(200));
    client
        .refresh(&ann.refresh_token)
        .await
        .expect_problem(401, "token_reused");
    client
        .refresh(&third.refresh_token)
        .await
        .expect_problem(401, "revoked_token");
    client
        .get_as(&third.access_token, "/users/me")
        .await
        .expect_problem(401, "revoked_token");
    let mail = server.mailbox().wait_for(ANN, 2);
    assert!(!mail.text.contains("token="), "{}", mail.text);
    // That session only.
    client
        .get_as(&other.access_token, "/users/me")
        .await
        .expect(200)
        .text_at("/id");
    client
        .refresh(&other.refresh_token)
        .await
        .expect(200)
        .text_at("/access_token");
}

#[tokio::test]
async fn a65_a_spent_token_is_theft_once_the_grace_is_over() {
    let server = Server::with(&[("REFRESH_REUSE_GRACE", "0s")]);
    let (client, ann) = signed_in(&server).await;
    client
        .refresh(&ann.refresh_token)
        .await
        .expect(200)
        .text_at("/access_token");
    client
        .refresh(&ann.refresh_token)
        .await
        .expect_problem(401, "token_reused");
}

#[tokio::test]
async fn a66_parallel_refreshes_all_end_up_with_the_one_live_token() {
    let server = Server::start();
    let (client, mut ann) = signed_in(&server).await;
    for _ in 0..20 {
        let tries = (0..50).map(|_| {
            let (client, token) = (client.clone(), ann.refresh_token.clone());
            tokio::spawn(async move { client.refresh(&token).await })
        });
        let mut successors = BTreeSet::new();
        for answer in tries.collect::<Vec<_>>() {
            let next = SignedIn::from_answer(&answer.await.unwrap().expect(200));
            assert_eq!(next.session_id, ann.session_id);
            successors.insert(next.refresh_token);
        }
        assert_eq!(successors.len(), 1, "more than one live branch");
        ann.refresh_token = successors.pop_first().unwrap();
    }
    let next = SignedIn::from_answer(&client.refresh(&ann.refresh_token).await.expect(200));
    assert_eq!(sessions_of(&client, &next.access_token).await.len(), 1);
}

#[tokio::test]
async fn a66_a_lost_answer_is_given_again_to_the_same_device_only() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let with_device = |token: &str, device: &str| {
        let request = client
            .request(Method::POST, "/api/v1/auth/refresh")
            .header("device-id", device);
        request.json(&json!({"refresh_token": token}))
    };
    let first = client
        .send(with_device(&ann.refresh_token, &ann.device_id))
        .await
        .expect(200);
    let again = client
        .send(with_device(&ann.refresh_token, &ann.device_id))
        .await
        .expect(200);
    assert_eq!(first.text_at("/refresh_token"), again.text_at("/refresh_token"));
    client
        .send(with_device(&ann.refresh_token, "a-thief"))
        .await
        .expect_problem(401, "token_reused");
    client
        .refresh(&first.text_at("/refresh_token"))
        .await
        .expect_problem(401, "revoked_token");
}

#[tokio::test]
async fn a68_a_restart_forgets_no_sign_out_and_no_spent_token() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let bob = client.register(&server.mailbox(), "bob@example.org", PASSWORD).await;
    client
        .post("/auth/logout", json!({"refresh_token": bob.refresh_token}))
        .await
        .expect(204);
    let second = SignedIn::from_answer(&client.refresh(&ann.refresh_token).await.expect(200));
    let third = SignedIn::from_answer(&client.refresh(&second.refresh_token).await.expect(200));
    let server = server.kill_and_restart();
    let client = server.client();
    client
        .get_as(&bob.access_token, "/users/me")
        .await
        .expect_problem(401, "revoked_token");
    client
        .refresh(&bob.refresh_token)
        .await
        .expect_problem(401, "revoked_token");
    client
        .get_as(&third.access_token, "/users/me")
        .await
        .expect(200)
        .text_at("/id");
    client
        .refresh(&ann.refresh_token)
        .await
        .expect_problem(401, "token_reused");
}

#[tokio::test]
async fn a72_signing_out_acts_at_once_on_access_tokens() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    for by_refresh_token in [true, false] {
        let session = SignedIn::from_answer(&client.login(ANN, PASSWORD).await.expect(200));
        // Used before, so that it is remembered.
        client
            .get_as(&session.access_token, "/users/me")
            .await
            .expect(200)
            .text_at("/id");
        for _ in 0..2 {
            let answer = if by_refresh_token {
                client
                    .post("/auth/logout", json!({"refresh_token": session.refresh_token}))
                    .await
            } else {
                let request = client.request(Method::POST, "/api/v1/auth/logout");
                client.send(request.bearer_auth(&session.access_token)).await
            };
            answer.expect(204);
        }
        client
            .get_as(&session.access_token, "/users/me")
            .await
            .expect_problem(401, "revoked_token");
        client
            .refresh(&session.refresh_token)
            .await
            .expect_problem(401, "revoked_token");
    }
    client
        .get_as(&ann.access_token, "/users/me")
        .await
        .expect(200)
        .text_at("/id");
    client
        .post_as(&ann.access_token, "/auth/logout-all", json!({}))
        .await
        .expect(204);
    client
        .get_as(&ann.access_token, "/users/me")
        .await
        .expect_problem(401, "revoked_token");
}

#[tokio::test]
async fn signing_out_with_nothing_of_ours_ends_nothing() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    client
        .post("/auth/logout", json!({"refresh_token": "not a token"}))
        .await
        .expect(204);
    let bare = client.send(client.request(Method::POST, "/api/v1/auth/logout")).await;
    bare.expect_problem(401, "invalid_token");
    client
        .get_as(&ann.access_token, "/users/me")
        .await
        .expect(200)
        .text_at("/id");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all_others() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let body = json!({"login": ANN, "password": PASSWORD});
    let request = client.request(Method::POST, "/api/v1/auth/login").json(&body);
    let request = request
        .header("device-id", "phone")
        .header("user-agent", "PhoneApp/1.2");
    let phone = SignedIn::from_answer(&client.send(request).await.expect(200));
    let tablet = SignedIn::from_answer(&client.login(ANN, PASSWORD).await.expect(200));

    let listed = sessions_of(&client, &ann.access_token).await;
    assert_eq!(listed.len(), 3);
    assert_eq!(listed.iter().filter(|session| session["current"] == true).count(), 1);
    let of_phone = listed
        .iter()
        .find(|session| session["id"] == phone.session_id.as_str())
        .unwrap();
    assert_eq!(of_phone["user_agent"], "PhoneApp/1.2");
    assert_eq!(of_phone["ip"], "127.0.0.1");
    assert_eq!(of_phone["current"], false);

    let path = format!("/users/me/sessions/{}", phone.session_id);
    client
        .call_as(&ann.access_token, Method::DELETE, &path, json!({}))
        .await
        .expect(204);
    client
        .get_as(&phone.access_token, "/users/me")
        .await
        .expect_problem(401, "revoked_token");
    let again = client
        .call_as(&ann.access_token, Method::DELETE, &path, json!({}))
        .await;
    again.expect_problem(404, "not_found");

    let all_others = client
        .request(Method::DELETE, "/api/v1/users/me/sessions")
        .bearer_auth(&ann.access_token);
    client.send(all_others).await.expect(204);
    client
        .get_as(&tablet.access_token, "/users/me")
        .await
        .expect_problem(401, "revoked_token");
    assert_eq!(sessions_of(&client, &ann.access_token).await.len(), 1);
}

#[tokio::test]
async fn a77_every_sign_in_begins_a_session_of_its_own() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let again = SignedIn::from_answer(&client.login(ANN, PASSWORD).await.expect(200));
    assert_ne!(again.session_id, ann.session_id);
    assert_ne!(again.refresh_token, ann.refresh_token);
}

#[tokio::test]
async fn a79_nobody_sees_or_ends_anothers_session() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let bob = client.register(&server.mailbox(), "bob@example.org", PASSWORD).await;
    let listed = sessions_of(&client, &bob.access_token).await;
    assert!(listed.iter().all(|session| session["id"] != ann.session_id.as_str()));
    let path = format!("/users/me/sessions/{}", ann.session_id);
    let refused = client
        .call_as(&bob.access_token, Method::DELETE, &path, json!({}))
        .await;
    refused.expect_problem(404, "not_found");
    client
        .get_as(&ann.access_token, "/users/me")
        .await
        .expect(200)
        .text_at("/id");
}

#[tokio::test]
async fn browsers_keep_the_refresh_token_in_a_cookie_that_other_sites_cannot_use() {
    let origin = "https://id.example.org";
    let server = Server::with(&[("PUBLIC_BASE_URL", origin)]);
    let (client, _) = signed_in(&server).await;
    let body = json!({"login": ANN, "password": PASSWORD, "delivery": "cookie"});
    let answer = client.post("/auth/login", body).await.expect(200);
    assert!(answer.json().get("refresh_token").is_none());
    let cookies: Vec<&str> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|c| c.to_str().unwrap())
        .collect();
    let refresh = cookies
        .iter()
        .find(|cookie| cookie.starts_with("__Host-") && cookie.contains("refresh"))
        .unwrap();
    for attribute in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(refresh.contains(attribute), "{refresh}");
    }
    let pair = refresh.split(';').next().unwrap().to_owned();
    let refresh_with = |origin: Option<&str>| {
        let request = client
            .request(Method::POST, "/api/v1/auth/refresh")
            .header("cookie", &pair);
        origin
            .into_iter()
            .fold(request, |request, origin| request.header("origin", origin))
    };
    for bad in [None, Some("https://evil.example"), Some("null")] {
        client
            .send(refresh_with(bad))
            .await
            .expect_problem(403, "csrf_rejected");
    }
    let answer = client.send(refresh_with(Some(origin))).await.expect(200);
    assert!(answer.json().get("refresh_token").is_none());
    assert!(answer.headers.contains_key("set-cookie"));
}
