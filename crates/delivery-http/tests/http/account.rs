//! The caller's own account.

use crate::world::{ANN, PASSWORD, World, bearer};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

const ME: &str = "/api/v1/users/me";

async fn patch(world: &World, token: &str, body: Value) -> crate::world::Answer {
    world.send_as(token, Method::PATCH, ME, body).await
}

#[actix_web::test]
async fn a_profile_is_edited_field_by_field() {
    let world = World::new();
    let token = world.registered(ANN).await.text_at("/access_token");
    let body = json!({"username": "Ann.Lee", "display_name": "Ann", "settings": {"theme": "dark"}});
    patch(&world, &token, body).await.expect(200);
    let answer = patch(&world, &token, json!({"display_name": null})).await.expect(200);
    assert_eq!(answer.text_at("/username"), "Ann.Lee");
    assert!(answer.json().get("display_name").is_none());
    assert_eq!(answer.json()["settings"], json!({"theme": "dark"}));
    let kept = patch(&world, &token, json!({})).await.expect(200);
    assert_eq!(kept.text_at("/username"), "Ann.Lee");
    let put = world
        .send_as(&token, Method::PUT, ME, json!({"settings": {}}))
        .await
        .expect(200);
    assert_eq!(
        (put.text_at("/username"), &put.json()["settings"]),
        ("Ann.Lee".into(), &json!({}))
    );
    assert_eq!(world.get_as(&token, ME).await.expect(200).text, put.text);
    world.login("ann.lee", PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn edits_that_are_not_acceptable_are_told_by_field() {
    let world = World::new();
    let token = world.registered(ANN).await.text_at("/access_token");
    let deep = (0..16).fold(json!(1), |inner, _| json!([inner]));
    for (body, pointer, code) in [
        (json!({"username": ANN}), "/username", "invalid_characters"),
        (json!({"username": "ab"}), "/username", "invalid_length"),
        (json!({"display_name": " "}), "/display_name", "invalid_length"),
        (json!({"settings": [1]}), "/settings", "invalid_type"),
        (json!({"settings": {"a": "x".repeat(17_000)}}), "/settings", "too_long"),
        (json!({"settings": {"a": deep}}), "/settings", "too_deep"),
        (json!({"username": 7}), "/username", "invalid_type"),
    ] {
        let answer = patch(&world, &token, body)
            .await
            .expect_problem(422, "validation_failed");
        answer.expect_fault(pointer, code);
    }
}

#[actix_web::test]
async fn a81_an_edit_touches_nothing_but_the_profile() {
    let world = World::new();
    let token = world.registered(ANN).await.text_at("/access_token");
    for field in [
        "roles",
        "permissions",
        "email",
        "email_verified",
        "status",
        "id",
        "password",
        "mfa",
        "created_at",
    ] {
        for method in [Method::PATCH, Method::PUT] {
            let answer = world.send_as(&token, method, ME, json!({field: true})).await;
            answer
                .expect_problem(422, "validation_failed")
                .expect_fault(&format!("/{field}"), "unknown_field");
        }
    }
}

#[actix_web::test]
async fn a35_an_address_is_changed_with_the_password_and_a_proof() {
    let world = World::new();
    let token = world.registered(ANN).await.text_at("/access_token");
    let (path, new) = ("/api/v1/users/me/email", "new@example.org");
    let ask = |password: &str| json!({"new_email": new, "password": password});
    let wrong = world.send_as(&token, Method::POST, path, ask("something else")).await;
    wrong.expect_problem(401, "invalid_credentials");
    let flow = world
        .send_as(&token, Method::POST, path, ask(PASSWORD))
        .await
        .expect(202)
        .text_at("/flow_id");
    let proof = json!({"flow_id": flow, "code": world.mailed(new, "code")});
    let verify = format!("{path}/verify");
    world
        .post(&verify, proof.clone())
        .await
        .expect_problem(401, "invalid_code");
    let answer = world.send_as(&token, Method::POST, &verify, proof).await.expect(200);
    assert_eq!(answer.text_at("/email"), new);
    world.login(new, PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn a_token_that_is_not_good_is_refused_even_where_none_is_needed() {
    let world = World::new();
    let request = TestRequest::post()
        .uri("/api/v1/users/me/email/verify")
        .set_json(json!({"token": "x"}));
    world
        .send(bearer(request, "nonsense"))
        .await
        .expect_problem(401, "invalid_token");
}

#[actix_web::test]
async fn an_account_is_deleted_with_its_password() {
    let world = World::new();
    let token = world.registered(ANN).await.text_at("/access_token");
    let delete = |password: &str| json!({"password": password});
    world
        .send_as(&token, Method::DELETE, ME, delete("something else"))
        .await
        .expect_problem(401, "invalid_credentials");
    let none = world.send(bearer(TestRequest::delete().uri(ME), &token)).await;
    none.expect_problem(415, "unsupported_media_type");
    world
        .send_as(&token, Method::DELETE, ME, delete(PASSWORD))
        .await
        .expect(204);
    world.get_as(&token, ME).await.expect_problem(401, "revoked_token");
    world
        .login(ANN, PASSWORD)
        .await
        .expect_problem(401, "invalid_credentials");
}

#[actix_web::test]
async fn head_is_answered_like_get() {
    let world = World::new();
    let token = world.registered(ANN).await.text_at("/access_token");
    let request = TestRequest::default().method(Method::HEAD).uri(ME);
    world.send(bearer(request, &token)).await.expect(200);
}
