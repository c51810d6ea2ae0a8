//! The pages that mailed links open.

use crate::world::{ANN, Answer, NEW_PASSWORD, PASSWORD, Setup, World};
use actix_web::test::TestRequest;
use gatewright_delivery_http::settings::HttpSettings;
use gatewright_domain::Duration;
use gatewright_domain::account::challenge::PasswordResetMethod;
use serde_json::json;

async fn submit(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    world.send(TestRequest::post().uri(path).set_form(fields)).await
}

#[track_caller]
fn assert_page(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"));
    assert!(!policy.contains("script-src") && !answer.text.contains("<script"));
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    assert!(answer.text.contains("<html lang=\"en\">"));
}

#[actix_web::test]
async fn a34_looking_at_a_registration_link_uses_nothing_up() {
    let world = World::new();
    world.sign_up(ANN).await;
    let token = world.mailed_token(ANN);
    for _ in 0..3 {
        let page = world.get(&format!("/verify-registration?token={token}")).await;
        assert_page(&page, 200);
        assert!(
            page.text.contains(ANN) && page.text.contains("1 March 2025, 12:00 UTC"),
            "{}",
            page.text
        );
    }
    assert!(world.store.accounts().is_empty());
    let done = submit(&world, "/verify-registration", &[("token", &token)]).await;
    assert_page(&done, 200);
    assert!(done.headers.get("set-cookie").is_none());
    assert!(world.store.sessions().is_empty());
    world.login(ANN, PASSWORD).await.expect(200);
    assert_page(&submit(&world, "/verify-registration", &[("token", &token)]).await, 410);
    assert_page(&world.get(&format!("/verify-registration?token={token}")).await, 410);
}

#[actix_web::test]
async fn a_contested_sign_up_leads_to_a_page_that_offers_to_set_a_password() {
    let world = World::new();
    world.sign_up(ANN).await;
    world.sign_up(ANN).await;
    let resend = json!({"email": ANN});
    world.post("/api/v1/auth/register/resend", resend).await.expect(202);
    let token = world.mailed_token(ANN);
    let done = submit(&world, "/verify-registration", &[("token", &token)]).await;
    assert_page(&done, 200);
    assert!(done.text.contains("asked for more than once"), "{}", done.text);
    assert!(done.text.contains("href=\"/forgot-password\""), "{}", done.text);
    assert_eq!(world.store.accounts().len(), 1);
    world
        .login(ANN, PASSWORD)
        .await
        .expect_problem(401, "invalid_credentials");
}

#[actix_web::test]
async fn a_link_that_is_too_old_opens_a_page_that_says_so() {
    let world = World::new();
    world.sign_up(ANN).await;
    world.clock.advance(Duration::hours(24));
    let page = world
        .get(&format!("/verify-registration?token={}", world.mailed_token(ANN)))
        .await;
    assert_page(&page, 410);
    assert!(page.text.contains("no longer works"));
}

#[actix_web::test]
async fn a_link_without_a_token_opens_the_same_page() {
    let world = World::new();
    for path in [
        "/verify-registration",
        "/verify-email?token=",
        "/reset-password?x=y",
        "/reset-password?token=%ff",
    ] {
        assert_page(&world.get(path).await, 410);
    }
}

#[actix_web::test]
async fn a44_a_link_opens_its_own_page_only() {
    let world = World::new();
    world.sign_up(ANN).await;
    let token = world.mailed_token(ANN);
    for path in ["/verify-email", "/reset-password"] {
        assert_page(&world.get(&format!("{path}?token={token}")).await, 410);
    }
    assert_page(&submit(&world, "/verify-email", &[("token", &token)]).await, 410);
}

#[actix_web::test]
async fn a_new_address_is_proven_on_its_page() {
    let world = World::new();
    let access = world.registered(ANN).await.text_at("/access_token");
    let body = json!({"new_email": "new@example.org", "password": PASSWORD});
    let path = "/api/v1/users/me/email";
    world
        .send_as(&access, actix_web::http::Method::POST, path, body)
        .await
        .expect(202);
    let token = world.mailed_token("new@example.org");
    let page = world.get(&format!("/verify-email?token={token}")).await;
    assert_page(&page, 200);
    assert!(page.text.contains("new@example.org"));
    assert_page(&submit(&world, "/verify-email", &[("token", &token)]).await, 200);
    world.login("new@example.org", PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn a_password_is_set_on_a_page_that_lets_one_try_again() {
    let world = World::new();
    world.registered(ANN).await;
    assert_page(&world.get("/forgot-password").await, 200);
    assert_page(&submit(&world, "/forgot-password", &[("email", ANN)]).await, 202);
    let token = world.mailed_token(ANN);
    let page = world.get(&format!("/reset-password?token={token}")).await;
    assert_page(&page, 200);
    assert!(page.text.contains(ANN) && page.text.contains("At least 15 characters"));
    let form = |one: &'static str, two: &'static str| [("new_password", one), ("new_password_again", two)];
    let with_token = |fields: [(&'static str, &'static str); 2]| {
        let token = ("token", token.clone());
        let fields = fields.map(|(name, value)| (name, value.to_owned()));
        [vec![token], fields.to_vec()].concat()
    };
    for (fields, reason) in [
        (form("short", "short"), "the password is too short"),
        (form(NEW_PASSWORD, PASSWORD), "the two passwords differ"),
        (form("", ""), "the password is empty"),
    ] {
        let request = TestRequest::post().uri("/reset-password").set_form(with_token(fields));
        let again = world.send(request).await;
        assert_page(&again, 422);
        assert!(
            again.text.contains(reason) && again.text.contains(&token),
            "{}",
            again.text
        );
    }
    let request = TestRequest::post().uri("/reset-password");
    let request = request.set_form(with_token(form(NEW_PASSWORD, NEW_PASSWORD)));
    assert_page(&world.send(request).await, 200);
    world.login(ANN, NEW_PASSWORD).await.expect(200);
    assert_page(&world.get(&format!("/reset-password?token={token}")).await, 410);
}

#[actix_web::test]
async fn a_password_is_set_with_a_code_where_that_is_the_way() {
    let world = World::with(Setup {
        reset_method: PasswordResetMethod::Code,
        ..Setup::default()
    });
    world.registered(ANN).await;
    let page = submit(&world, "/forgot-password", &[("email", ANN)]).await;
    assert_page(&page, 202);
    let flow = page
        .text
        .split("name=\"flow_id\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let code = world.mailed(ANN, "code");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let fields = |code: &str| {
        [
            ("flow_id", flow.as_str()),
            ("code", code),
            ("new_password", NEW_PASSWORD),
            ("new_password_again", NEW_PASSWORD),
        ]
        .map(|(name, value)| (name, value.to_owned()))
    };
    let post = |code: &str| TestRequest::post().uri("/reset-password").set_form(fields(code));
    let again = world.send(post(wrong)).await;
    assert_page(&again, 422);
    assert!(again.text.contains(&flow) && again.text.contains("the code is not valid"));
    assert_page(&world.send(post(&code)).await, 200);
    world.login(ANN, NEW_PASSWORD).await.expect(200);
}

#[actix_web::test]
async fn a_form_that_cannot_be_read_is_answered_with_a_page() {
    let world = World::new();
    let passwords = [("new_password", NEW_PASSWORD), ("new_password_again", NEW_PASSWORD)];
    let flow = ("flow_id", "0195a0b1-0000-7000-8000-000000000000");
    let malformed = [vec![flow, ("code", "12345")], passwords.to_vec()].concat();
    for (path, fields, reason) in [
        ("/verify-registration", &[][..], "token: this field is required"),
        ("/verify-email", &[], "token: this field is required"),
        ("/forgot-password", &[], "email: this field is required"),
        (
            "/reset-password",
            &passwords[..1],
            "new_password_again: this field is required",
        ),
        ("/reset-password", &passwords, "send either token, or flow_id with code"),
        ("/reset-password", &malformed, "code: this value is not acceptable"),
    ] {
        let page = submit(&world, path, fields).await;
        assert_page(&page, 422);
        assert!(page.text.contains(reason), "{path}: {}", page.text);
    }
}

#[actix_web::test]
async fn a_body_that_is_no_form_is_answered_with_a_page() {
    let world = World::new();
    for path in [
        "/verify-registration",
        "/verify-email",
        "/forgot-password",
        "/reset-password",
    ] {
        let page = world.post(path, json!({})).await;
        assert_page(&page, 415);
        assert!(page.text.contains("x-www-form-urlencoded"), "{path}: {}", page.text);
    }
}

#[actix_web::test]
async fn a01_the_page_that_starts_a_recovery_tells_nothing() {
    let world = World::new();
    world.registered(ANN).await;
    let known = submit(&world, "/forgot-password", &[("email", ANN)]).await;
    let unknown = submit(&world, "/forgot-password", &[("email", "nobody@example.org")]).await;
    assert_eq!((known.status, known.text), (unknown.status, unknown.text));
    let wrong = submit(&world, "/forgot-password", &[("email", "<b>nobody</b>")]).await;
    assert_page(&wrong, 422);
    assert!(wrong.text.contains("role=\"alert\""));
}

#[actix_web::test]
async fn a30_nothing_from_outside_becomes_markup() {
    let world = World::new();
    let script = "%3Cscript%3Ealert(1)%3C/script%3E";
    for path in ["/verify-registration", "/verify-email", "/reset-password"] {
        let page = world.get(&format!("{path}?token={script}")).await;
        assert!(!page.text.contains("<script"), "{}", page.text);
    }
    let markup = "\"><script>alert(1)</script>";
    let page = submit(&world, "/forgot-password", &[("email", markup)]).await;
    assert!(
        page.text.contains("&lt;script&gt;") && !page.text.contains("<script"),
        "{}",
        page.text
    );
    let fields = [
        ("token", markup),
        ("new_password", "short"),
        ("new_password_again", "short"),
    ];
    let page = submit(&world, "/reset-password", &fields).await;
    assert!(
        page.text.contains("&lt;script&gt;") && !page.text.contains("<script"),
        "{}",
        page.text
    );
}

#[actix_web::test]
async fn pages_find_their_parts_below_the_public_path() {
    let world = World::with(Setup {
        http: HttpSettings::new("https://example.org/id/".parse().unwrap()),
        ..Setup::default()
    });
    let page = world.get("/forgot-password").await.expect(200);
    assert!(page.text.contains("href=\"/id/pages.css\""), "{}", page.text);
    assert!(page.text.contains("action=\"/id/forgot-password\""), "{}", page.text);
    let style = world.get("/pages.css").await.expect(200);
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
}
