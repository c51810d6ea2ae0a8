//! Clients that go on and on.

use super::asking::bounded;
use gatewright_tests::answer::Answer;
use gatewright_tests::client::{Client, PASSWORD, SignedIn};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What lets one client register as often as it likes, without a mail, and try a refresh again after the longest outage here.
pub(super) const SETTINGS: [(&str, &str); 3] = [
    ("RATE_LIMITS", "off"),
    ("EMAIL_VERIFICATION", "off"),
    ("REFRESH_REUSE_GRACE", "60s"),
];

/// Clients that register and refresh, each one after the other, until they are told to stop.
pub(super) struct Load {
    stop: watch::Sender<bool>,
    workers: Vec<JoinHandle<Done>>,
}

/// What one of them did.
pub(super) struct Done {
    /// Who was acknowledged to be registered.
    pub(super) registered: Vec<String>,
    /// Which registrations were answered otherwise.
    pub(super) refused: Vec<String>,
    /// The last refresh token that was acknowledged.
    pub(super) refresh_token: String,
    /// The statuses of all answers; none for an answer that did not come.
    pub(super) statuses: Vec<Option<StatusCode>>,
}

impl Load {
    /// Starts `count` of them; their accounts are named by `name`. The server has to have [`SETTINGS`].
    pub(super) async fn start(client: &Client, name: &str, count: usize) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut workers = Vec::new();
        for worker in 0..count {
            let name = format!("{name}-{worker}");
            let first = register(client, &email(&name, 0)).await.unwrap().expect(201);
            let done = Done {
                registered: vec![email(&name, 0)],
                refused: Vec::new(),
                refresh_token: SignedIn::from_answer(&first).refresh_token,
                statuses: Vec::new(),
            };
            workers.push(tokio::spawn(work(client.clone(), name, done, stopped.clone())));
        }
        Self { stop, workers }
    }

    /// Stops them and tells what each did.
    pub(super) async fn stop(self) -> Vec<Done> {
        self.stop.send(true).unwrap();
        let mut all = Vec::new();
        for worker in self.workers {
            all.push(worker.await.unwrap());
        }
        all
    }
}

impl Done {
    /// The session goes on, and so does the account that was acknowledged last. What was under way when it failed may have
    /// happened without an answer, but then whole.
    pub(super) async fn assert_kept(&self, client: &Client) {
        client.refresh(&self.refresh_token).await.expect(200);
        let last = self.registered.last().unwrap();
        client.login(last, PASSWORD).await.expect(200);
        if let Some(refused) = self.refused.first() {
            let again = register(client, refused).await.unwrap();
            assert!([201, 409].contains(&again.status.as_u16()), "{}", again.text);
            client.login(refused, PASSWORD).await.expect(200);
        }
    }
}

async fn work(client: Client, name: String, mut done: Done, stopped: watch::Receiver<bool>) -> Done {
    let mut number = 1;
    while !*stopped.borrow() {
        // A refresh whose answer was lost is tried again with the same token.
        let body = json!({"refresh_token": done.refresh_token});
        let refreshed = post(&client, "/auth/refresh", body).await;
        done.statuses.push(refreshed.as_ref().map(|answer| answer.status));
        if let Some(answer) = refreshed.filter(|answer| answer.status == 200) {
            done.refresh_token = SignedIn::from_answer(&answer).refresh_token;
        }
        let email = email(&name, number);
        let registered = register(&client, &email).await;
        done.statuses.push(registered.as_ref().map(|answer| answer.status));
        if registered.is_some_and(|answer| answer.status == 201) {
            done.registered.push(email);
        } else {
            done.refused.push(email);
        }
        number += 1;
    }
    done
}

fn email(name: &str, number: usize) -> String {
    format!("{name}-{number}@example.org")
}

/// Registers somebody, where the server answers.
pub(super) async fn register(client: &Client, email: &str) -> Option<Answer> {
    post(client, "/auth/register", json!({"email": email, "password": PASSWORD})).await
}

async fn post(client: &Client, path: &str, body: serde_json::Value) -> Option<Answer> {
    let request = client.request(Method::POST, &format!("/api/v1{path}")).json(&body);
    let response = bounded(request.send()).await.ok()?;
    Some(bounded(Answer::read(response)).await)
}
