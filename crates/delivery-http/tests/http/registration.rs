//! Signing up.

use crate::world::{ANN, PASSWORD, Setup, World};
use gatewright_domain::account::registration::EmailVerification;
use serde_json::json;

const REGISTER: &str = "/api/v1/auth/register";
const VERIFY: &str = "/api/v1/auth/register/verify";

#[actix_web::test]
async fn an_address_is_proven_by_its_code() {
    let world = World::new();
    let body = json!({"email": ANN, "password": PASSWORD, "username": "ann", "display_name": "Ann"});
    let answer = world.post(REGISTER, body).await.expect(202);
    assert_eq!(answer.text_at("/status"), "verification_required");
    assert_eq!(answer.json()["expires_in"], 600);
    let body = json!({"flow_id": answer.text_at("/flow_id"), "code": world.mailed(ANN, "code")});
    let answer = world.post(VERIFY, body).await.expect(201);
    assert_eq!(answer.text_at("/user/username"), "ann");
    assert_eq!(answer.text_at("/user/display_name"), "Ann");
}

#[actix_web::test]
async fn an_address_is_proven_by_its_link_into_a_cookie() {
    let world = World::new();
    world.sign_up(ANN).await;
    let body = json!({"token": world.mailed_token(ANN), "delivery": "cookie"});
    let answer = world.post(VERIFY, body.clone()).await.expect(201);
    assert!(answer.set_cookie("__Host-gatewright_refresh").is_some());
    world.post(VERIFY, body).await.expect_problem(401, "invalid_token");
}

#[actix_web::test]
async fn a_proof_is_a_code_or_a_link_and_not_both() {
    let world = World::new();
    let flow = world.sign_up(ANN).await;
    let token = world.mailed_token(ANN);
    for body in [
        json!({}),
        json!({"flow_id": flow}),
        json!({"code": "123456"}),
        json!({"token": token, "flow_id": flow, "code": "123456"}),
        json!({"token": token, "code": "123456"}),
    ] {
        world
            .post(VERIFY, body)
            .await
            .expect_problem(422, "validation_failed")
            .expect_fault("", "required");
    }
    for code in [
        "12345",
        "1234567",
        "12345a",
        "\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}",
    ] {
        let answer = world.post(VERIFY, json!({"flow_id": flow, "code": code})).await;
        answer
            .expect_problem(422, "validation_failed")
            .expect_fault("/code", "invalid_value");
    }
}

#[actix_web::test]
async fn a01_a_known_address_is_answered_like_an_unknown_one() {
    let world = World::new();
    world.registered(ANN).await;
    let shape = |answer: crate::world::Answer| {
        let mut json = answer.json();
        json["flow_id"] = "".into();
        (answer.status, json)
    };
    for (path, password) in [
        (REGISTER, Some(PASSWORD)),
        ("/api/v1/auth/register/resend", None),
        ("/api/v1/auth/password/forgot", None),
    ] {
        let body = |email: &str| match password {
            Some(password) => json!({"email": email, "password": password}),
            None => json!({"email": email}),
        };
        let known = shape(world.post(path, body(ANN)).await);
        let unknown = shape(world.post(path, body("nobody@example.org")).await);
        assert_eq!(known, unknown, "{path}");
    }
}

#[actix_web::test]
async fn without_verification_an_account_exists_at_once() {
    let world = World::with(Setup {
        verification: EmailVerification::Off,
        ..Setup::default()
    });
    let body = json!({"email": ANN, "password": PASSWORD});
    let answer = world.post(REGISTER, body.clone()).await.expect(201);
    assert_eq!(answer.json()["user"]["email_verified"], false);
    world.post(REGISTER, body).await.expect_problem(409, "email_taken");
}

#[actix_web::test]
async fn every_field_that_is_not_acceptable_is_told() {
    let world = World::new();
    let body = json!({"email": "a@b", "password": PASSWORD, "username": "x", "display_name": "a\nb"});
    let answer = world
        .post(REGISTER, body)
        .await
        .expect_problem(422, "validation_failed");
    let answer = answer
        .expect_fault("/email", "invalid_email")
        .expect_fault("/username", "invalid_length");
    answer.expect_fault("/display_name", "invalid_characters");
}

#[actix_web::test]
async fn a_password_is_refused_with_its_reasons() {
    let world = World::new();
    for (password, code) in [
        ("too short", "too_short"),
        ("passwordpassword", "listed"),
        (ANN, "context_word"),
    ] {
        let answer = world.post(REGISTER, json!({"email": ANN, "password": password})).await;
        answer
            .expect_problem(422, "password_rejected")
            .expect_fault("/password", code);
    }
    for (password, code) in [(String::new(), "required"), ("x".repeat(257), "too_long")] {
        let answer = world.post(REGISTER, json!({"email": ANN, "password": password})).await;
        answer
            .expect_problem(422, "validation_failed")
            .expect_fault("/password", code);
    }
}

#[actix_web::test]
async fn a_taken_username_is_told() {
    let world = World::new();
    let body = |email: &str| json!({"email": email, "password": PASSWORD, "username": "ann"});
    let flow = world.post(REGISTER, body(ANN)).await.expect(202).text_at("/flow_id");
    world
        .post(VERIFY, json!({"flow_id": flow, "code": world.mailed(ANN, "code")}))
        .await
        .expect(201);
    world
        .post(REGISTER, body("bob@example.org"))
        .await
        .expect_problem(409, "username_taken");
}

#[actix_web::test]
async fn a81_nobody_assigns_themselves_what_is_not_theirs_to_assign() {
    let world = World::new();
    for (field, value) in [
        ("roles", json!(["admin"])),
        ("role", json!("admin")),
        ("is_admin", json!(true)),
        ("email_verified", json!(true)),
        ("user_id", json!("0195-")),
        ("created_at", json!("2020-01-01T00:00:00Z")),
        ("status", json!("active")),
    ] {
        let mut body = json!({"email": ANN, "password": PASSWORD});
        body[field] = value;
        let answer = world
            .post(REGISTER, body)
            .await
            .expect_problem(422, "validation_failed");
        answer.expect_fault(&format!("/{field}"), "unknown_field");
    }
    assert!(world.store.registrations().is_empty());
}
