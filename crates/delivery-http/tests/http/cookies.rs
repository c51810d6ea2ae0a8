//! Tokens in cookies, and whose requests they count for.

use crate::world::{ANN, Answer, LISTED_ORIGIN, ORIGIN, PASSWORD, World};
use actix_web::test::TestRequest;
use serde_json::json;

const REFRESH: &str = "__Host-gatewright_refresh";
const DEVICE: &str = "__Host-gatewright_device";

async fn signed_in(world: &World) -> Answer {
    world.registered(ANN).await;
    let body = json!({"login": ANN, "password": PASSWORD, "delivery": "cookie"});
    world.post("/api/v1/auth/login", body).await.expect(200)
}

fn with_cookies(request: TestRequest, answer: &Answer) -> TestRequest {
    let value = |name: &str| answer.set_cookie(name).unwrap().split(';').next().unwrap().to_owned();
    request.insert_header(("cookie", format!("{}; {}", value(REFRESH), value(DEVICE))))
}

fn refresh(answer: &Answer) -> TestRequest {
    with_cookies(TestRequest::post().uri("/api/v1/auth/refresh"), answer)
}

#[actix_web::test]
async fn r47_the_cookies_are_for_this_host_alone_and_for_no_script() {
    let world = World::new();
    let answer = signed_in(&world).await;
    assert!(answer.json().get("refresh_token").is_none());
    for name in [REFRESH, DEVICE] {
        let cookie = answer.set_cookie(name).unwrap();
        for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    assert!(answer.set_cookie(REFRESH).unwrap().contains("Max-Age=604800"));
}

#[actix_web::test]
async fn tokens_in_the_body_set_no_cookie() {
    let world = World::new();
    let answer = world.registered(ANN).await;
    assert!(answer.set_cookie(REFRESH).is_none() && answer.set_cookie(DEVICE).is_none());
    answer.text_at("/refresh_token");
}

#[actix_web::test]
async fn a_cookie_is_exchanged_for_our_own_pages_and_listed_ones() {
    let world = World::new();
    let mut answer = signed_in(&world).await;
    for (name, value) in [
        ("origin", ORIGIN),
        ("origin", LISTED_ORIGIN),
        ("sec-fetch-site", "same-origin"),
    ] {
        let request = refresh(&answer).insert_header((name, value));
        let next = world.send(request).await.expect(200);
        assert_eq!(next.text_at("/session_id"), answer.text_at("/session_id"));
        assert_ne!(next.set_cookie(REFRESH), answer.set_cookie(REFRESH));
        answer = next;
    }
}

#[actix_web::test]
async fn a89_a_cookie_counts_for_no_other_site() {
    let world = World::new();
    let answer = signed_in(&world).await;
    for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout"] {
        for headers in [
            vec![],
            vec![("origin", "https://evil.example")],
            vec![("origin", "null")],
            vec![("origin", "https://id.example.org.evil.example")],
            vec![("origin", "https://id.example.org:444")],
            vec![("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "same-site")],
            vec![("sec-fetch-site", "none")],
            vec![("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
        ] {
            let request = with_cookies(TestRequest::post().uri(path), &answer);
            let request = headers.into_iter().fold(request, TestRequest::insert_header);
            world.send(request).await.expect_problem(403, "csrf_rejected");
        }
    }
    let own = refresh(&answer).insert_header(("origin", ORIGIN));
    world.send(own).await.expect(200);
}

#[actix_web::test]
async fn what_came_in_a_cookie_never_shows_up_in_a_body() {
    let world = World::new();
    let answer = signed_in(&world).await;
    let request = refresh(&answer).insert_header(("origin", ORIGIN));
    let next = world
        .send(request.set_json(json!({"delivery": "body"})))
        .await
        .expect(200);
    assert!(next.json().get("refresh_token").is_none());
    assert!(next.set_cookie(REFRESH).is_some());
}

#[actix_web::test]
async fn a_token_in_the_body_goes_before_a_cookie() {
    let world = World::new();
    let in_cookie = signed_in(&world).await;
    let in_body = world.login(ANN, PASSWORD).await;
    let body = json!({"refresh_token": in_body.text_at("/refresh_token")});
    let request = TestRequest::post().uri("/api/v1/auth/refresh").set_json(body);
    let cookie = in_cookie.set_cookie(REFRESH).unwrap();
    let request = request.insert_header(("cookie", cookie.split(';').next().unwrap()));
    let next = world.send(request).await.expect(200);
    assert_eq!(next.text_at("/session_id"), in_body.text_at("/session_id"));
    next.text_at("/refresh_token");
}

#[actix_web::test]
async fn signing_out_takes_the_cookie_away_and_ends_the_session() {
    let world = World::new();
    let answer = signed_in(&world).await;
    let request = with_cookies(TestRequest::post().uri("/api/v1/auth/logout"), &answer);
    let out = world.send(request.insert_header(("origin", ORIGIN))).await.expect(204);
    assert!(out.set_cookie(REFRESH).unwrap().contains("Max-Age=0"));
    let token = answer.text_at("/access_token");
    world
        .get_as(&token, "/api/v1/users/me")
        .await
        .expect_problem(401, "revoked_token");
    let request = refresh(&answer).insert_header(("origin", ORIGIN));
    world.send(request).await.expect_problem(401, "revoked_token");
}

#[actix_web::test]
async fn a_browser_is_recognised_by_its_device_cookie() {
    let world = World::new();
    let answer = signed_in(&world).await;
    let body = json!({"login": ANN, "password": PASSWORD, "delivery": "cookie"});
    let request = with_cookies(TestRequest::post().uri("/api/v1/auth/login"), &answer);
    let again = world.send(request.set_json(body)).await.expect(200);
    assert_eq!(again.text_at("/device_id"), answer.text_at("/device_id"));
    assert_ne!(again.text_at("/session_id"), answer.text_at("/session_id"));
}

#[actix_web::test]
async fn a_device_of_any_name_stays_within_its_cookie() {
    let world = World::new();
    world.registered(ANN).await;
    let body = json!({"login": ANN, "password": PASSWORD, "delivery": "cookie"});
    let login = || TestRequest::post().uri("/api/v1/auth/login").set_json(&body);
    let name = "x;Domain=evil.example;%3b=\"&,\\";
    let answer = world.send(login().insert_header(("device-id", name))).await.expect(200);
    let cookie = answer.set_cookie(DEVICE).unwrap();
    assert!(!cookie.contains("Domain="), "{cookie}");
    let again = world.send(with_cookies(login(), &answer)).await.expect(200);
    assert_eq!(again.text_at("/device_id"), name);
}
