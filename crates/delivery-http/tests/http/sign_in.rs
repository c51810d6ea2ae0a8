//! Signing in.

use crate::world::{ANN, PASSWORD, World};
use actix_web::test::TestRequest;
use serde_json::json;

#[actix_web::test]
async fn a_token_answer_has_every_part_the_contract_names() {
    let world = World::new();
    world.registered(ANN).await;
    let answer = world.login(ANN, PASSWORD).await.expect(200);
    let json = answer.json();
    for key in ["access_token", "refresh_token", "session_id", "device_id"] {
        answer.text_at(&format!("/{key}"));
    }
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(
        (&json["expires_in"], &json["refresh_expires_in"]),
        (&json!(900), &json!(604_800))
    );
    let user = &json["user"];
    assert_eq!(user["email"], ANN);
    assert_eq!(user["email_verified"], true);
    assert_eq!(user["roles"], json!(["normal_user"]));
    assert_eq!(user["permissions"], json!([]));
    assert_eq!(user["settings"], json!({}));
    assert_eq!(
        user["mfa"],
        json!({"totp": false, "recovery_codes_left": 0, "passkeys": 0})
    );
    assert_eq!(user["status"], "active");
    assert_eq!(user["last_login_at"], "2025-03-01T12:00:00.123456Z");
    assert!(user.get("username").is_none() && user.get("display_name").is_none());
}

#[actix_web::test]
async fn the_oauth2_password_form_signs_in_and_sets_no_cookie() {
    let world = World::new();
    world.registered(ANN).await;
    let form = |fields: &[(&str, &str)]| TestRequest::post().uri("/api/v1/auth/login").set_form(fields);
    let answer = world
        .send(form(&[
            ("grant_type", "password"),
            ("username", ANN),
            ("password", PASSWORD),
            ("scope", ""),
            ("client_id", "x"),
            ("client_secret", "y"),
            ("delivery", "cookie"),
        ]))
        .await
        .expect(200);
    answer.text_at("/refresh_token");
    assert!(answer.headers.get("set-cookie").is_none());
    let wrong = form(&[("username", ANN), ("password", "something else")]);
    world.send(wrong).await.expect_problem(401, "invalid_credentials");
    let missing = world.send(form(&[("username", ANN)])).await;
    missing
        .expect_problem(422, "validation_failed")
        .expect_fault("/password", "required");
    let twice = form(&[("username", ANN), ("username", "x"), ("password", PASSWORD)]);
    world.send(twice).await.expect_problem(422, "validation_failed");
}

#[actix_web::test]
async fn a01_an_unknown_account_and_a_wrong_password_are_one_answer() {
    let world = World::new();
    world.registered(ANN).await;
    let without_ids = |answer: crate::world::Answer| {
        let mut json = answer.expect_problem(401, "invalid_credentials").json();
        json["request_id"] = "".into();
        json
    };
    let wrong = without_ids(world.login(ANN, "something else").await);
    let unknown = without_ids(world.login("nobody@example.org", "something else").await);
    let no_name = without_ids(world.login("no such name!", "something else").await);
    assert_eq!((&wrong, &wrong), (&unknown, &no_name));
}

#[actix_web::test]
async fn a_device_named_by_its_client_is_kept() {
    let world = World::new();
    world.registered(ANN).await;
    let body = json!({"login": ANN, "password": PASSWORD});
    let request = TestRequest::post()
        .uri("/api/v1/auth/login")
        .insert_header(("device-id", "ann's-phone"));
    let answer = world.send(request.set_json(body)).await.expect(200);
    assert_eq!(answer.text_at("/device_id"), "ann's-phone");
}

#[actix_web::test]
async fn a_session_knows_its_peer_and_believes_no_header_about_it() {
    let world = World::new();
    let body = json!({"login": ANN, "password": PASSWORD});
    world.registered(ANN).await;
    let request = TestRequest::post()
        .uri("/api/v1/auth/login")
        .insert_header(("x-forwarded-for", "198.51.100.1"))
        .insert_header(("forwarded", "for=198.51.100.1"))
        .insert_header(("x-real-ip", "198.51.100.1"))
        .insert_header(("user-agent", "test\u{e4}/1"));
    let answer = world.send(request.set_json(body)).await.expect(200);
    let token = answer.text_at("/access_token");
    let sessions = world
        .get_as(&token, "/api/v1/users/me/sessions")
        .await
        .expect(200)
        .json();
    let own = sessions["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|session| session["current"] == true)
        .unwrap();
    assert_eq!(own["ip"], "192.0.2.7");
    assert_eq!(own["user_agent"], "test\u{e4}/1");
}

#[actix_web::test]
async fn a80_a_token_counts_in_the_header_only() {
    let world = World::new();
    let token = world.registered(ANN).await.text_at("/access_token");
    for query in ["access_token", "token", "authorization"] {
        let path = format!("/api/v1/users/me?{query}={token}");
        world.get(&path).await.expect_problem(401, "invalid_token");
    }
    for header in [
        format!("Basic {token}"),
        token.clone(),
        format!("Bearer{token}"),
        "Bearer ".into(),
        format!("Bearer {token} x"),
    ] {
        let request = TestRequest::get()
            .uri("/api/v1/users/me")
            .insert_header(("authorization", header));
        world.send(request).await.expect_problem(401, "invalid_token");
    }
    let request = TestRequest::get()
        .uri("/api/v1/users/me")
        .insert_header(("authorization", format!("bearer {token}")));
    world.send(request).await.expect(200);
}

#[actix_web::test]
async fn a70_no_token_passes_for_another_kind() {
    let world = World::new();
    let answer = world.registered(ANN).await;
    let (access, refresh) = (answer.text_at("/access_token"), answer.text_at("/refresh_token"));
    world
        .get_as(&refresh, "/api/v1/users/me")
        .await
        .expect_problem(401, "invalid_token");
    let body = json!({"refresh_token": access});
    world
        .post("/api/v1/auth/refresh", body)
        .await
        .expect_problem(401, "invalid_token");
    for token in [&access, &refresh] {
        let body = json!({"token": token});
        world
            .post("/api/v1/auth/register/verify", body)
            .await
            .expect_problem(401, "invalid_token");
    }
}
