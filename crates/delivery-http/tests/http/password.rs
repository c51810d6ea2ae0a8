//! Changing and recovering passwords.

use crate::world::{ANN, NEW_PASSWORD, PASSWORD, Setup, World};
use actix_web::http::Method;
use gatewright_domain::Duration;
use gatewright_domain::account::challenge::PasswordResetMethod;
use serde_json::json;

const FORGOT: &str = "/api/v1/auth/password/forgot";
const RESET: &str = "/api/v1/auth/password/reset";
const CHANGE: &str = "/api/v1/users/me/password";

#[actix_web::test]
async fn a48_a_password_is_reset_by_a_link_once() {
    let world = World::new();
    let session = world.registered(ANN).await.text_at("/access_token");
    let answer = world.post(FORGOT, json!({"email": ANN})).await.expect(202);
    assert_eq!(answer.json()["expires_in"], 900);
    let token = world.mailed_token(ANN);
    let weak = world
        .post(RESET, json!({"token": token, "new_password": "short"}))
        .await;
    weak.expect_problem(422, "password_rejected")
        .expect_fault("/new_password", "too_short");
    let body = json!({"token": token, "new_password": NEW_PASSWORD});
    world.post(RESET, body.clone()).await.expect(204);
    world.post(RESET, body).await.expect_problem(401, "invalid_token");
    world
        .get_as(&session, "/api/v1/users/me")
        .await
        .expect_problem(401, "revoked_token");
    world
        .login(ANN, PASSWORD)
        .await
        .expect_problem(401, "invalid_credentials");
    world.login(ANN, NEW_PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn a_reset_link_that_is_too_old_says_so() {
    let world = World::new();
    world.registered(ANN).await;
    world.post(FORGOT, json!({"email": ANN})).await.expect(202);
    world.clock.advance(Duration::minutes(15));
    let body = json!({"token": world.mailed_token(ANN), "new_password": NEW_PASSWORD});
    world.post(RESET, body).await.expect_problem(401, "expired_token");
}

#[actix_web::test]
async fn a_password_is_reset_by_a_code_where_that_is_the_way() {
    let world = World::with(Setup {
        reset_method: PasswordResetMethod::Code,
        ..Setup::default()
    });
    world.registered(ANN).await;
    let flow = world
        .post(FORGOT, json!({"email": ANN}))
        .await
        .expect(202)
        .text_at("/flow_id");
    let code = world.mailed(ANN, "code");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let body = |code: &str| json!({"flow_id": flow, "code": code, "new_password": NEW_PASSWORD});
    world.post(RESET, body(wrong)).await.expect_problem(401, "invalid_code");
    world.post(RESET, body(&code)).await.expect(204);
    world.login(ANN, NEW_PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn r09_a_password_is_changed_with_the_present_one_only() {
    let world = World::new();
    let other = world.registered(ANN).await.text_at("/access_token");
    let own = world.login(ANN, PASSWORD).await.text_at("/access_token");
    let change = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    let wrong = world
        .send_as(&own, Method::POST, CHANGE, change("something else", NEW_PASSWORD))
        .await;
    wrong.expect_problem(401, "invalid_credentials");
    let weak = world
        .send_as(&own, Method::POST, CHANGE, change(PASSWORD, "short"))
        .await;
    weak.expect_problem(422, "password_rejected")
        .expect_fault("/new_password", "too_short");
    let empty = world
        .send_as(&own, Method::POST, CHANGE, change("", NEW_PASSWORD))
        .await;
    empty
        .expect_problem(422, "validation_failed")
        .expect_fault("/current_password", "required");
    world
        .send_as(&own, Method::POST, CHANGE, change(PASSWORD, NEW_PASSWORD))
        .await
        .expect(204);
    world.get_as(&own, "/api/v1/users/me").await.expect(200);
    world
        .get_as(&other, "/api/v1/users/me")
        .await
        .expect_problem(401, "revoked_token");
}
