//! Lost and changed passwords, changed addresses, deleted accounts.

use gatewright_tests::client::{Client, PASSWORD, SignedIn};
use gatewright_tests::server::Server;
use reqwest::Method;
use serde_json::json;

const ANN: &str = "ann@example.org";
const NEW_PASSWORD: &str = "a quite different passphrase";

async fn signed_in(server: &Server) -> (Client, SignedIn) {
    let client = server.client();
    let ann = client.register(&server.mailbox(), ANN, PASSWORD).await;
    (client, ann)
}

async fn forgot(client: &Client, email: &str) -> String {
    client
        .post("/auth/password/forgot", json!({"email": email}))
        .await
        .expect(202)
        .text_at("/flow_id")
}

#[tokio::test]
async fn a_lost_password_is_recovered_by_link_and_every_session_ends() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    client
        .get_as(&ann.access_token, "/users/me")
        .await
        .expect(200)
        .text_at("/id");
    forgot(&client, ANN).await;
    let token = server.mailbox().wait_for(ANN, 2).token();
    let body = json!({"token": token, "new_password": NEW_PASSWORD});
    client.post("/auth/password/reset", body).await.expect(204);
    // A50: nothing survives the reset.
    client
        .get_as(&ann.access_token, "/users/me")
        .await
        .expect_problem(401, "revoked_token");
    client
        .refresh(&ann.refresh_token)
        .await
        .expect_problem(401, "revoked_token");
    client
        .login(ANN, PASSWORD)
        .await
        .expect_problem(401, "invalid_credentials");
    client
        .login(ANN, NEW_PASSWORD)
        .await
        .expect(200)
        .text_at("/access_token");
    let notice = server.mailbox().wait_for(ANN, 3);
    assert!(!notice.text.contains("token="));
}

#[tokio::test]
async fn a_lost_password_is_recovered_by_code_where_that_is_set() {
    let server = Server::with(&[("PASSWORD_RESET_METHOD", "code")]);
    let (client, _) = signed_in(&server).await;
    let flow = forgot(&client, ANN).await;
    let mail = server.mailbox().wait_for(ANN, 2);
    assert!(!mail.text.contains("token="));
    let body = json!({"flow_id": flow, "code": mail.code(), "new_password": NEW_PASSWORD});
    client.post("/auth/password/reset", body).await.expect(204);
    client
        .login(ANN, NEW_PASSWORD)
        .await
        .expect(200)
        .text_at("/access_token");
}

#[tokio::test]
async fn a42_a_reset_link_counts_once_however_many_present_it() {
    let server = Server::with(&[("HASH_QUEUE", "128"), ("HASH_MAX_WAIT", "60s")]);
    let (client, _) = signed_in(&server).await;
    forgot(&client, ANN).await;
    let token = server.mailbox().wait_for(ANN, 2).token();
    let tries = (0..20).map(|n| {
        let (client, token) = (client.clone(), token.clone());
        let body = json!({"token": token, "new_password": format!("{NEW_PASSWORD} number {n}")});
        tokio::spawn(async move { client.post("/auth/password/reset", body).await })
    });
    let mut accepted = 0;
    for answer in tries.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        if answer.status == 204 {
            accepted += 1;
        } else {
            answer.expect_problem(401, "invalid_token");
        }
    }
    assert_eq!(accepted, 1);
}

#[tokio::test]
async fn a48_a_reset_link_is_dead_after_use_and_after_a_change_of_password() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let mailbox = server.mailbox();
    forgot(&client, ANN).await;
    forgot(&client, ANN).await;
    mailbox.wait_for(ANN, 3).token();
    let tokens: Vec<String> = mailbox.to(ANN)[1..]
        .iter()
        .map(gatewright_tests::mailbox::Mail::token)
        .collect();
    let body = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    client
        .post_as(&ann.access_token, "/users/me/password", body)
        .await
        .expect(204);
    for token in &tokens {
        let body = json!({"token": token, "new_password": PASSWORD});
        client
            .post("/auth/password/reset", body)
            .await
            .expect_problem(401, "invalid_token");
    }
    forgot(&client, ANN).await;
    let token = mailbox.wait_for(ANN, 5).token();
    let body = json!({"token": token, "new_password": PASSWORD});
    client.post("/auth/password/reset", body.clone()).await.expect(204);
    client
        .post("/auth/password/reset", body)
        .await
        .expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn a_change_of_password_asks_for_the_current_one_and_ends_other_sessions() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let other = SignedIn::from_answer(&client.login(ANN, PASSWORD).await.expect(200));
    let wrong = json!({"current_password": NEW_PASSWORD, "new_password": NEW_PASSWORD});
    client
        .post_as(&ann.access_token, "/users/me/password", wrong)
        .await
        .expect_problem(401, "invalid_credentials");
    let right = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    client
        .post_as(&ann.access_token, "/users/me/password", right)
        .await
        .expect(204);
    client
        .get_as(&other.access_token, "/users/me")
        .await
        .expect_problem(401, "revoked_token");
    client
        .refresh(&other.refresh_token)
        .await
        .expect_problem(401, "revoked_token");
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
        .login(ANN, NEW_PASSWORD)
        .await
        .expect(200)
        .text_at("/access_token");
    assert!(!server.mailbox().wait_for(ANN, 2).subject.is_empty());
}

#[tokio::test]
async fn an_address_changes_once_the_new_one_is_proven_and_the_old_one_is_told() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let mailbox = server.mailbox();
    let body = json!({"new_email": "Ann@New.example", "password": PASSWORD});
    let flow = client
        .post_as(&ann.access_token, "/users/me/email", body)
        .await
        .expect(202)
        .text_at("/flow_id");
    assert!(!mailbox.wait_for(ANN, 2).text.contains("token="));
    assert_eq!(
        client.get_as(&ann.access_token, "/users/me").await.text_at("/email"),
        ANN
    );
    let code = mailbox.wait_for("Ann@new.example", 1).code();
    let body = json!({"flow_id": flow, "code": code});
    client
        .post("/users/me/email/verify", body.clone())
        .await
        .expect_problem(401, "invalid_code");
    let user = client
        .post_as(&ann.access_token, "/users/me/email/verify", body)
        .await
        .expect(200);
    assert_eq!(user.text_at("/email"), "Ann@new.example");
    assert_eq!(
        client.get_as(&ann.access_token, "/users/me").await.text_at("/email"),
        "Ann@new.example"
    );
    mailbox.wait_for(ANN, 3);
    client
        .login(ANN, PASSWORD)
        .await
        .expect_problem(401, "invalid_credentials");
    client
        .login("ann@new.example", PASSWORD)
        .await
        .expect(200)
        .text_at("/access_token");
}

#[tokio::test]
async fn a35_a_stolen_session_alone_cannot_change_the_address() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let body = json!({"new_email": "thief@example.org", "password": "a guess that is wrong"});
    client
        .post_as(&ann.access_token, "/users/me/email", body)
        .await
        .expect_problem(401, "invalid_credentials");
    let body = json!({"new_email": "thief@example.org"});
    client
        .post_as(&ann.access_token, "/users/me/email", body)
        .await
        .expect_problem(422, "validation_failed");
}

#[tokio::test]
async fn a38_of_two_pending_addresses_only_the_newest_can_be_proven() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let mailbox = server.mailbox();
    for address in ["first@example.org", "second@example.org"] {
        let body = json!({"new_email": address, "password": PASSWORD});
        client
            .post_as(&ann.access_token, "/users/me/email", body)
            .await
            .expect(202)
            .text_at("/flow_id");
    }
    // While a change is pending, reset mails go to the confirmed address.
    forgot(&client, ANN).await;
    forgot(&client, "second@example.org").await;
    let first = mailbox.wait_for("first@example.org", 1).token();
    let second = mailbox.wait_for("second@example.org", 1).token();
    let body = json!({"token": first});
    client
        .post_as(&ann.access_token, "/users/me/email/verify", body)
        .await
        .expect_problem(401, "invalid_token");
    // A reset link mailed to the old address dies with it.
    let reset = mailbox.wait_for(ANN, 4).token();
    let body = json!({"token": second});
    let user = client
        .post_as(&ann.access_token, "/users/me/email/verify", body)
        .await
        .expect(200);
    assert_eq!(user.text_at("/email"), "second@example.org");
    let body = json!({"token": reset, "new_password": NEW_PASSWORD});
    client
        .post("/auth/password/reset", body)
        .await
        .expect_problem(401, "invalid_token");
    assert_eq!(mailbox.to("second@example.org").len(), 1);
}

#[tokio::test]
async fn a45_a_code_counts_only_in_its_owners_hands() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let mailbox = server.mailbox();
    let bob = client.register(&mailbox, "bob@example.org", PASSWORD).await;
    let body = json!({"new_email": "new@example.org", "password": PASSWORD});
    let flow = client
        .post_as(&ann.access_token, "/users/me/email", body)
        .await
        .expect(202)
        .text_at("/flow_id");
    let mail = mailbox.wait_for("new@example.org", 1);
    let by_code = json!({"flow_id": flow, "code": mail.code()});
    let by_link = json!({"token": mail.token()});
    client
        .post_as(&bob.access_token, "/users/me/email/verify", by_code)
        .await
        .expect_problem(401, "invalid_code");
    client
        .post_as(&bob.access_token, "/users/me/email/verify", by_link)
        .await
        .expect_problem(401, "invalid_token");
    assert_eq!(
        client.get_as(&bob.access_token, "/users/me").await.text_at("/email"),
        "bob@example.org"
    );
}

#[tokio::test]
async fn an_address_that_belongs_to_somebody_is_not_told() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let mailbox = server.mailbox();
    client.register(&mailbox, "bob@example.org", PASSWORD).await;
    let body = json!({"new_email": "bob@example.org", "password": PASSWORD});
    client
        .post_as(&ann.access_token, "/users/me/email", body)
        .await
        .expect(202)
        .text_at("/flow_id");
    assert!(!mailbox.wait_for("bob@example.org", 2).text.contains("token="));
}

#[tokio::test]
async fn a69_no_refresh_token_survives_what_ends_its_session() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let mailbox = server.mailbox();
    let other = SignedIn::from_answer(&client.login(ANN, PASSWORD).await.expect(200));
    let body = json!({"new_email": "new@example.org", "password": PASSWORD});
    client
        .post_as(&ann.access_token, "/users/me/email", body)
        .await
        .expect(202)
        .text_at("/flow_id");
    let body = json!({"token": mailbox.wait_for("new@example.org", 1).token()});
    client
        .post_as(&ann.access_token, "/users/me/email/verify", body)
        .await
        .expect(200)
        .text_at("/id");
    client
        .refresh(&other.refresh_token)
        .await
        .expect_problem(401, "revoked_token");
    client
        .refresh(&ann.refresh_token)
        .await
        .expect(200)
        .text_at("/access_token");
}

#[tokio::test]
async fn a_profile_is_edited_field_by_field() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let patch = |body| client.call_as(&ann.access_token, Method::PATCH, "/users/me", body);
    let user = patch(json!({"display_name": "Ann", "settings": {"theme": {"dark": true}}}))
        .await
        .expect(200);
    assert_eq!(user.text_at("/display_name"), "Ann");
    let user = patch(json!({"username": "ann-lee"})).await.expect(200);
    assert_eq!(user.text_at("/display_name"), "Ann");
    assert_eq!(user.json()["settings"]["theme"]["dark"], true);
    let user = patch(json!({"display_name": null})).await.expect(200);
    assert!(user.json().get("display_name").is_none());
    let put = json!({"display_name": "Ann Lee", "username": null, "settings": {}});
    let user = client
        .call_as(&ann.access_token, Method::PUT, "/users/me", put)
        .await
        .expect(200);
    assert_eq!(user.text_at("/display_name"), "Ann Lee");
    assert!(user.json().get("username").is_none());
    assert_eq!(user.json()["settings"], json!({}));
    assert_eq!(client.get_as(&ann.access_token, "/users/me").await.json(), user.json());
    let nested = (0..20).fold(json!(1), |inner, _| json!([inner]));
    patch(json!({"settings": {"deep": nested}}))
        .await
        .expect_problem(422, "validation_failed");
    patch(json!({"settings": {"big": "x".repeat(17_000)}}))
        .await
        .expect_problem(422, "validation_failed");
    patch(json!({"email": "other@example.org"}))
        .await
        .expect_problem(422, "validation_failed");
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_everything_in_it() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let delete = |password: &str| {
        client.call_as(
            &ann.access_token,
            Method::DELETE,
            "/users/me",
            json!({"password": password}),
        )
    };
    delete("a guess that is wrong")
        .await
        .expect_problem(401, "invalid_credentials");
    let _ = delete(PASSWORD).await.expect(204);
    client
        .get_as(&ann.access_token, "/users/me")
        .await
        .expect_problem(401, "revoked_token");
    client
        .refresh(&ann.refresh_token)
        .await
        .expect_problem(401, "revoked_token");
    client
        .login(ANN, PASSWORD)
        .await
        .expect_problem(401, "invalid_credentials");
    // The address is free again, under another id.
    let flow = client.sign_up(ANN, PASSWORD).await;
    let code = server.mailbox().wait_for(ANN, 2).code();
    let body = json!({"flow_id": flow, "code": code});
    client
        .post("/auth/register/verify", body)
        .await
        .expect(201)
        .text_at("/access_token");
}

#[tokio::test]
async fn a35_ending_every_session_ends_the_change_of_address_they_asked_for() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    let thief = SignedIn::from_answer(&client.login(ANN, PASSWORD).await.expect(200));
    let body = json!({"new_email": "thief@example.org", "password": PASSWORD});
    client
        .post_as(&thief.access_token, "/users/me/email", body)
        .await
        .expect(202);
    let token = server.mailbox().wait_for("thief@example.org", 1).token();
    client
        .post_as(&ann.access_token, "/auth/logout-all", json!({}))
        .await
        .expect(204);
    client
        .post("/users/me/email/verify", json!({"token": token}))
        .await
        .expect_problem(401, "invalid_token");
}

#[tokio::test]
async fn a35_a_reset_leaves_no_room_for_the_old_password() {
    let server = Server::start();
    let (client, ann) = signed_in(&server).await;
    forgot(&client, ANN).await;
    let token = server.mailbox().wait_for(ANN, 2).token();
    let reset = {
        let (client, body) = (client.clone(), json!({"token": token, "new_password": NEW_PASSWORD}));
        tokio::spawn(async move { client.post("/auth/password/reset", body).await })
    };
    let changes: Vec<_> = (0..10)
        .map(|n| {
            let (client, token) = (client.clone(), ann.access_token.clone());
            let body = json!({"new_email": format!("thief-{n}@example.org"), "password": PASSWORD});
            tokio::spawn(async move { client.post_as(&token, "/users/me/email", body).await })
        })
        .collect();
    reset.await.unwrap().expect(204);
    for change in changes {
        let change = change.await.unwrap();
        assert!(change.status == 202 || change.status == 401, "{}", change.text);
    }
    // Whatever was asked for before the reset is void, and nothing was asked for after it.
    let mails = server.mailbox().all();
    for mail in mails.iter().filter(|mail| mail.to.starts_with("thief-")) {
        client
            .post("/users/me/email/verify", json!({"token": mail.token()}))
            .await
            .expect_problem(401, "invalid_token");
    }
    client.login(ANN, NEW_PASSWORD).await.expect(200);
}

/// What a second factor guards is a session, and a reset gives none.
#[tokio::test]
async fn a49_a_reset_signs_nobody_in() {
    let server = Server::start();
    let (client, _) = signed_in(&server).await;
    forgot(&client, ANN).await;
    let token = server.mailbox().wait_for(ANN, 2).token();
    let body = json!({"token": token, "new_password": NEW_PASSWORD, "delivery": "cookie"});
    client
        .post("/auth/password/reset", body)
        .await
        .expect_problem(422, "validation_failed");
    let body = json!({"token": token, "new_password": NEW_PASSWORD});
    let answer = client.post("/auth/password/reset", body).await.expect(204);
    assert!(answer.text.is_empty() && !answer.headers.contains_key("set-cookie"));
}
