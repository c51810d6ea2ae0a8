//! The pages that mailed links open.

use gatewright_tests::client::PASSWORD;
use gatewright_tests::server::Server;
use reqwest::Method;
use serde_json::json;

const ANN: &str = "ann@example.org";

fn path_of(link: &str) -> String {
    let after_scheme = link.split_once("://").unwrap().1;
    format!("/{}", after_scheme.split_once('/').unwrap().1)
}

#[tokio::test]
async fn a34_looking_at_a_link_uses_nothing_up() {
    let server = Server::start();
    let client = server.client();
    client.sign_up(ANN, PASSWORD).await;
    let mail = server.mailbox().wait_for(ANN, 1);
    let path = path_of(&mail.link());
    for _ in 0..3 {
        let page = client.get(&path).await.expect(200);
        assert!(page.text.contains(ANN) && page.text.contains("<form"), "{}", page.text);
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert!(page.header("content-security-policy").contains("default-src 'none'"));
        assert!(page.header("cache-control").contains("no-store"));
        let head = client.send(client.request(Method::HEAD, &path)).await;
        assert!(head.status.is_success() || head.status == 405, "{}", head.status);
    }
    client
        .login(ANN, PASSWORD)
        .await
        .expect_problem(401, "invalid_credentials");
    let post = |path: &str| client.request(Method::POST, path.split('?').next().unwrap());
    let done = client
        .send(post(&path).form(&[("token", mail.token())]))
        .await
        .expect(200);
    assert!(done.header("content-type").starts_with("text/html"));
    client.login(ANN, PASSWORD).await.expect(200).text_at("/access_token");
    let again = client.send(post(&path).form(&[("token", mail.token())])).await;
    assert!(again.status.is_client_error(), "{}", again.status);
    assert!(client.get(&path).await.status.is_client_error());
}

#[tokio::test]
async fn a_password_is_reset_on_a_page() {
    let server = Server::start();
    let client = server.client();
    client.register(&server.mailbox(), ANN, PASSWORD).await;
    client
        .post("/auth/password/forgot", json!({"email": ANN}))
        .await
        .expect(202)
        .text_at("/flow_id");
    let mail = server.mailbox().wait_for(ANN, 2);
    let path = path_of(&mail.link());
    let page = client.get(&path).await.expect(200);
    assert!(page.text.contains("type=\"password\""), "{}", page.text);
    let names: Vec<&str> = page
        .text
        .split("name=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let passwords: Vec<&str> = names.into_iter().filter(|name| name.contains("password")).collect();
    let submit = |password: &str| {
        let mut form = vec![("token".to_owned(), mail.token())];
        form.extend(passwords.iter().map(|name| ((*name).to_owned(), password.to_owned())));
        client
            .request(Method::POST, path.split('?').next().unwrap())
            .form(&form)
    };
    // A password that the policy refuses is told, and the link is still good.
    let refused = client.send(submit("short")).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("<form"));
    client.send(submit("a quite different passphrase")).await.expect(200);
    client
        .login(ANN, "a quite different passphrase")
        .await
        .expect(200)
        .text_at("/access_token");
}

#[tokio::test]
async fn a_new_address_is_proven_on_a_page() {
    let server = Server::start();
    let client = server.client();
    let ann = client.register(&server.mailbox(), ANN, PASSWORD).await;
    let body = json!({"new_email": "new@example.org", "password": PASSWORD});
    client
        .post_as(&ann.access_token, "/users/me/email", body)
        .await
        .expect(202)
        .text_at("/flow_id");
    let mail = server.mailbox().wait_for("new@example.org", 1);
    let path = path_of(&mail.link());
    assert!(client.get(&path).await.expect(200).text.contains("new@example.org"));
    let post = client
        .request(Method::POST, path.split('?').next().unwrap())
        .form(&[("token", mail.token())]);
    client.send(post).await.expect(200);
    assert_eq!(
        client.get_as(&ann.access_token, "/users/me").await.text_at("/email"),
        "new@example.org"
    );
}

#[tokio::test]
async fn a33_pages_send_nobody_elsewhere() {
    let server = Server::start();
    let client = server.client();
    for extra in ["next", "redirect", "redirect_uri", "return_to", "callback"] {
        let page = client
            .get(&format!("/verify-registration?token=x&{extra}=//evil.example"))
            .await;
        assert!(page.status.is_client_error(), "{}", page.status);
        assert!(!page.text.contains("evil.example") && page.header("location").is_empty());
    }
}

#[tokio::test]
async fn a30_nothing_in_a_link_is_repeated_as_markup() {
    let server = Server::start();
    let page = server
        .client()
        .get("/verify-registration?token=%3Cscript%3Ealert(1)%3C/script%3E")
        .await;
    assert!(page.status.is_client_error());
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
}

#[tokio::test]
async fn developers_read_mails_on_a_page_and_production_has_none() {
    let server = Server::start();
    let client = server.client();
    client.sign_up(ANN, PASSWORD).await;
    server.mailbox().wait_for(ANN, 1);
    let list = client.get("/dev/mail").await.expect(200);
    assert!(list.text.contains(ANN), "{}", list.text);
    let start = list.text.find("/dev/mail/").unwrap();
    let path: String = list.text[start..]
        .chars()
        .take_while(|c| *c != '"' && *c != '\'')
        .collect();
    let one = client.get(&path).await.expect(200);
    assert!(
        one.text.contains(&server.mailbox().wait_for(ANN, 1).code()),
        "{}",
        one.text
    );
}
