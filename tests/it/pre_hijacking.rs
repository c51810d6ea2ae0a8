//! Signing up with an address that is somebody else's.

use gatewright_tests::client::{PASSWORD, SignedIn};
use gatewright_tests::server::Server;
use serde_json::{Value, json};

const ANN: &str = "ann@example.org";

fn proof(flow: &str, code: &str) -> Value {
    json!({"flow_id": flow, "code": code})
}

#[tokio::test]
async fn a28_whoever_registers_an_address_first_gains_nothing() {
    let server = Server::start();
    let client = server.client();
    let mailbox = server.mailbox();
    let attackers = client.sign_up(ANN, "the attacker's password").await;
    mailbox.wait_for(ANN, 1).code();
    let owners = client.sign_up(ANN, PASSWORD).await;
    let code = mailbox.wait_for(ANN, 2).code();
    client
        .post("/auth/register/verify", proof(&owners, &code))
        .await
        .expect(201)
        .text_at("/access_token");
    client
        .login(ANN, "the attacker's password")
        .await
        .expect_problem(401, "invalid_credentials");
    let first_code = mailbox.to(ANN)[0].code();
    client
        .post("/auth/register/verify", proof(&attackers, &first_code))
        .await
        .expect_problem(401, "invalid_code");
    client.login(ANN, PASSWORD).await.expect(200).text_at("/access_token");
}

#[tokio::test]
async fn a28_a_resent_flow_does_not_confirm_a_strangers_password() {
    let server = Server::start();
    let client = server.client();
    let mailbox = server.mailbox();
    client.sign_up(ANN, PASSWORD).await;
    client.sign_up(ANN, "the attacker's password").await;
    let resent = client
        .post("/auth/register/resend", json!({"email": ANN}))
        .await
        .expect(202)
        .text_at("/flow_id");
    let code = mailbox.wait_for(ANN, 3).code();
    client
        .post("/auth/register/verify", proof(&resent, &code))
        .await
        .expect(201)
        .text_at("/access_token");
    client
        .login(ANN, "the attacker's password")
        .await
        .expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn a28_without_verification_the_first_proof_ends_what_a_stranger_set_up() {
    let server = Server::with(&[("EMAIL_VERIFICATION", "off")]);
    let client = server.client();
    let mailbox = server.mailbox();
    let body = json!({"email": ANN, "password": "the attacker's password"});
    let attacker = SignedIn::from_answer(&client.post("/auth/register", body).await.expect(201));
    client
        .post("/auth/password/forgot", json!({"email": ANN}))
        .await
        .expect(202)
        .text_at("/flow_id");
    let token = mailbox.wait_for(ANN, 1).token();
    client
        .post(
            "/auth/password/reset",
            json!({"token": token, "new_password": PASSWORD}),
        )
        .await
        .expect(204);
    client
        .get_as(&attacker.access_token, "/users/me")
        .await
        .expect_problem(401, "revoked_token");
    client
        .refresh(&attacker.refresh_token)
        .await
        .expect_problem(401, "revoked_token");
    client
        .login(ANN, "the attacker's password")
        .await
        .expect_problem(401, "invalid_credentials");
    let owner = client.login(ANN, PASSWORD).await.expect(200);
    assert_eq!(owner.json()["user"]["email_verified"], true);
}

#[tokio::test]
async fn a28_the_proof_of_one_sign_up_voids_the_links_of_all_others() {
    let server = Server::start();
    let client = server.client();
    let mailbox = server.mailbox();
    client.sign_up(ANN, "the attacker's password").await;
    let attackers = mailbox.wait_for(ANN, 1).token();
    client.sign_up(ANN, PASSWORD).await;
    let owners = mailbox.wait_for(ANN, 2).token();
    client
        .post("/auth/register/verify", json!({"token": owners}))
        .await
        .expect(201);
    client
        .post("/auth/register/verify", json!({"token": attackers}))
        .await
        .expect_problem(401, "invalid_token");
    client
        .login(ANN, "the attacker's password")
        .await
        .expect_problem(401, "invalid_credentials");
    client.login(ANN, PASSWORD).await.expect(200);
}
