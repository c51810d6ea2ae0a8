//! Codes: how often they may be tried, how often used, and for what.

use gatewright_tests::client::PASSWORD;
use gatewright_tests::server::Server;
use serde_json::{Value, json};

const ANN: &str = "ann@example.org";

fn proof(flow: &str, code: &str) -> Value {
    json!({"flow_id": flow, "code": code})
}

/// A code that is not `code`.
fn wrong(code: &str, offset: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + offset) % 1_000_000)
}

#[tokio::test]
async fn a39_five_wrong_codes_and_the_right_one_is_dead() {
    let server = Server::start();
    let client = server.client();
    let flow = client.sign_up(ANN, PASSWORD).await;
    let mail = server.mailbox().wait_for(ANN, 1);
    for offset in 1..=5 {
        let body = proof(&flow, &wrong(&mail.code(), offset));
        client
            .post("/auth/register/verify", body)
            .await
            .expect_problem(401, "invalid_code");
    }
    client
        .post("/auth/register/verify", proof(&flow, &mail.code()))
        .await
        .expect_problem(401, "invalid_code");
    // The link is another, stronger proof and goes on working.
    let answer = client
        .post("/auth/register/verify", json!({"token": mail.token()}))
        .await;
    answer.expect(201).text_at("/access_token");
}

#[tokio::test]
async fn a40_asking_for_another_code_does_not_buy_more_tries() {
    let server = Server::start();
    let client = server.client();
    let mailbox = server.mailbox();
    let mut flow = client.sign_up(ANN, PASSWORD).await;
    for round in 1..=2 {
        let code = mailbox.wait_for(ANN, round).code();
        for offset in 1..=5 {
            let body = proof(&flow, &wrong(&code, offset));
            client
                .post("/auth/register/verify", body)
                .await
                .expect_problem(401, "invalid_code");
        }
        flow = client
            .post("/auth/register/resend", json!({"email": ANN}))
            .await
            .expect(202)
            .text_at("/flow_id");
    }
    // Ten failures a day for one address: the third code is right, and refused.
    let code = mailbox.wait_for(ANN, 3).code();
    client
        .post("/auth/register/verify", proof(&flow, &code))
        .await
        .expect_problem(401, "invalid_code");
}

#[tokio::test]
async fn a42_the_right_code_counts_once_however_many_present_it() {
    let server = Server::start();
    let client = server.client();
    let flow = client.sign_up(ANN, PASSWORD).await;
    let code = server.mailbox().wait_for(ANN, 1).code();
    let mut accepted = 0;
    let tries = (0..50).map(|_| {
        let (client, body) = (client.clone(), proof(&flow, &code));
        tokio::spawn(async move { client.post("/auth/register/verify", body).await })
    });
    for answer in tries.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        if answer.status == 201 {
            accepted += 1;
        } else {
            answer.expect_problem(401, "invalid_code");
        }
    }
    assert_eq!(accepted, 1);
}

#[tokio::test]
async fn a43_parallel_wrong_codes_do_not_outrun_the_limit() {
    let server = Server::start();
    let client = server.client();
    let flow = client.sign_up(ANN, PASSWORD).await;
    let code = server.mailbox().wait_for(ANN, 1).code();
    let tries = (1..=200).map(|offset| {
        let (client, body) = (client.clone(), proof(&flow, &wrong(&code, offset)));
        tokio::spawn(async move { client.post("/auth/register/verify", body).await })
    });
    for answer in tries.collect::<Vec<_>>() {
        answer.await.unwrap().expect_problem(401, "invalid_code");
    }
    client
        .post("/auth/register/verify", proof(&flow, &code))
        .await
        .expect_problem(401, "invalid_code");
}

#[tokio::test]
async fn a44_a_proof_of_one_purpose_is_worthless_for_another() {
    let server = Server::with(&[("PASSWORD_RESET_METHOD", "code")]);
    let client = server.client();
    let mailbox = server.mailbox();
    let bob = client.register(&mailbox, "bob@example.org", PASSWORD).await;
    let sign_up = client.sign_up(ANN, PASSWORD).await;
    let sign_up_mail = mailbox.wait_for(ANN, 1);
    let forgot = client
        .post("/auth/password/forgot", json!({"email": "bob@example.org"}))
        .await
        .expect(202);
    let forgot_code = mailbox.wait_for("bob@example.org", 2).code();

    let reset = |flow: &str, code: &str| json!({"flow_id": flow, "code": code, "new_password": PASSWORD});
    let body = reset(&sign_up, &sign_up_mail.code());
    client
        .post("/auth/password/reset", body)
        .await
        .expect_problem(401, "invalid_code");
    let body = json!({"token": sign_up_mail.token(), "new_password": PASSWORD});
    client
        .post("/auth/password/reset", body)
        .await
        .expect_problem(401, "invalid_token");
    let body = proof(&forgot.text_at("/flow_id"), &forgot_code);
    client
        .post("/auth/register/verify", body.clone())
        .await
        .expect_problem(401, "invalid_code");
    client
        .post_as(&bob.access_token, "/users/me/email/verify", body)
        .await
        .expect_problem(401, "invalid_code");
    let body = json!({"token": sign_up_mail.token()});
    client
        .post_as(&bob.access_token, "/users/me/email/verify", body)
        .await
        .expect_problem(401, "invalid_token");

    let body = reset(&forgot.text_at("/flow_id"), &forgot_code);
    client.post("/auth/password/reset", body).await.expect(204);
}

#[tokio::test]
async fn a52_a_code_counts_only_in_the_flow_it_was_made_for() {
    let server = Server::start();
    let client = server.client();
    let mailbox = server.mailbox();
    let anns = client.sign_up(ANN, PASSWORD).await;
    let code = mailbox.wait_for(ANN, 1).code();
    let others = client.sign_up("bob@example.org", PASSWORD).await;
    client
        .post("/auth/register/verify", proof(&others, &code))
        .await
        .expect_problem(401, "invalid_code");
    client
        .post("/auth/register/verify", json!({"code": code}))
        .await
        .expect_problem(422, "validation_failed");
    let unknown = "018f0000-0000-7000-8000-000000000000";
    client
        .post("/auth/register/verify", proof(unknown, &code))
        .await
        .expect_problem(401, "invalid_code");
    client
        .post("/auth/register/verify", proof(&anns, &code))
        .await
        .expect(201)
        .text_at("/access_token");
}
