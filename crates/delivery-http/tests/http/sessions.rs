//! Refreshing, looking at sessions, ending them.

use crate::world::{ANN, PASSWORD, World, bearer};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use gatewright_domain::Duration;
use serde_json::json;

const SESSIONS: &str = "/api/v1/users/me/sessions";

async fn refresh(world: &World, token: &str) -> crate::world::Answer {
    world
        .post("/api/v1/auth/refresh", json!({"refresh_token": token}))
        .await
}

#[actix_web::test]
async fn a65_a_spent_token_ends_its_session() {
    let world = World::new();
    let first = world.registered(ANN).await.text_at("/refresh_token");
    let second = refresh(&world, &first).await.expect(200).text_at("/refresh_token");
    assert_eq!(
        refresh(&world, &first).await.expect(200).text_at("/refresh_token"),
        second
    );
    world.clock.advance(Duration::seconds(10));
    refresh(&world, &first).await.expect_problem(401, "token_reused");
    refresh(&world, &second).await.expect_problem(401, "revoked_token");
}

#[actix_web::test]
async fn a_refresh_without_a_token_is_refused() {
    let world = World::new();
    let path = "/api/v1/auth/refresh";
    world
        .send(TestRequest::post().uri(path))
        .await
        .expect_problem(401, "invalid_token");
    world.post(path, json!({})).await.expect_problem(401, "invalid_token");
    world
        .post(path, json!({"refresh_token": null}))
        .await
        .expect_problem(401, "invalid_token");
    world.post(path, json!(null)).await.expect_problem(401, "invalid_token");
    world
        .post(path, json!({"refresh_token": 7}))
        .await
        .expect_problem(422, "validation_failed");
    let empty = TestRequest::post()
        .uri(path)
        .insert_header(("content-type", "application/json"));
    world.send(empty).await.expect_problem(400, "malformed_request");
}

#[actix_web::test]
async fn a_session_that_is_over_cannot_be_refreshed() {
    let world = World::new();
    let token = world.registered(ANN).await.text_at("/refresh_token");
    world.clock.advance(Duration::days(7));
    refresh(&world, &token).await.expect_problem(401, "expired_token");
}

#[actix_web::test]
async fn signing_out_by_any_token_ends_the_session_at_once() {
    let world = World::new();
    world.registered(ANN).await;
    let out = "/api/v1/auth/logout";
    for by_refresh_token in [true, false] {
        let answer = world.login(ANN, PASSWORD).await.expect(200);
        let (access, refresh_token) = (answer.text_at("/access_token"), answer.text_at("/refresh_token"));
        for _ in 0..2 {
            let request = TestRequest::post().uri(out);
            let request = if by_refresh_token {
                request.set_json(json!({"refresh_token": refresh_token}))
            } else {
                bearer(request, &access)
            };
            world.send(request).await.expect(204);
        }
        world
            .get_as(&access, "/api/v1/users/me")
            .await
            .expect_problem(401, "revoked_token");
        refresh(&world, &refresh_token)
            .await
            .expect_problem(401, "revoked_token");
    }
    world
        .send(TestRequest::post().uri(out))
        .await
        .expect_problem(401, "invalid_token");
    world.post(out, json!({"refresh_token": "nonsense"})).await.expect(204);
}

#[actix_web::test]
async fn an_access_token_expires() {
    let world = World::new();
    let token = world.registered(ANN).await.text_at("/access_token");
    world.clock.advance(Duration::minutes(15));
    let answer = world
        .get_as(&token, "/api/v1/users/me")
        .await
        .expect_problem(401, "expired_token");
    assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
}

#[actix_web::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all() {
    let world = World::new();
    world.registered(ANN).await;
    let phone = world.login(ANN, PASSWORD).await;
    let laptop = world.login(ANN, PASSWORD).await;
    let token = laptop.text_at("/access_token");
    let list = world.get_as(&token, SESSIONS).await.expect(200).json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    let current: Vec<&serde_json::Value> = items.iter().filter(|item| item["current"] == true).collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["id"], laptop.json()["session_id"]);
    assert_eq!(current[0]["device"], laptop.json()["device_id"]);

    let one = format!("{SESSIONS}/{}", phone.text_at("/session_id"));
    let delete = |path: &str| bearer(TestRequest::delete().uri(path), &token);
    world.send(delete(&one)).await.expect(204);
    world.send(delete(&one)).await.expect_problem(404, "not_found");
    world
        .get_as(&phone.text_at("/access_token"), SESSIONS)
        .await
        .expect_problem(401, "revoked_token");
    world.send(delete(SESSIONS)).await.expect(204);
    let list = world.get_as(&token, SESSIONS).await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a79_somebody_elses_session_is_like_none() {
    let world = World::new();
    let ann = world.registered(ANN).await;
    let bob = world.registered("bob@example.org").await.text_at("/access_token");
    for id in [
        ann.text_at("/session_id"),
        uuid::Uuid::nil().to_string(),
        "nonsense".into(),
        "%00".into(),
    ] {
        let request = bearer(TestRequest::delete().uri(&format!("{SESSIONS}/{id}")), &bob);
        world.send(request).await.expect_problem(404, "not_found");
    }
    world.get_as(&ann.text_at("/access_token"), SESSIONS).await.expect(200);
}

#[actix_web::test]
async fn signing_out_everywhere_ends_the_present_session_too() {
    let world = World::new();
    let first = world.registered(ANN).await.text_at("/access_token");
    let second = world.login(ANN, PASSWORD).await.text_at("/access_token");
    world
        .send_as(&second, Method::POST, "/api/v1/auth/logout-all", json!({}))
        .await
        .expect(204);
    for token in [first, second] {
        world
            .get_as(&token, SESSIONS)
            .await
            .expect_problem(401, "revoked_token");
    }
}
