//! A client of the HTTP API.

use crate::answer::Answer;
use crate::mailbox::Mailbox;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A password that the default policy accepts.
pub const PASSWORD: &str = "correct horse battery staple";

/// Talks to one server. Each request goes to the next of its replicas, also of those that clones of this send.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base_urls: Arc<[String]>,
    requests: Arc<AtomicUsize>,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// The session.
    pub session_id: String,
    /// The device.
    pub device_id: String,
}

impl SignedIn {
    /// Reads a token answer.
    #[track_caller]
    pub fn from_answer(answer: &Answer) -> Self {
        Self {
            access_token: answer.text_at("/access_token"),
            refresh_token: answer.text_at("/refresh_token"),
            session_id: answer.text_at("/session_id"),
            device_id: answer.text_at("/device_id"),
        }
    }
}

impl Client {
    pub(crate) fn new(base_urls: Vec<String>) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        Self {
            http: http.build().unwrap(),
            base_urls: base_urls.into(),
            requests: Arc::default(),
        }
    }

    /// A request to a path below the root.
    ///
    /// # Panics
    /// Where the server has no replica.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let base_url = self.base_urls.get(number % self.base_urls.len()).unwrap();
        self.http.request(method, format!("{base_url}{path}"))
    }

    /// Sends a request and reads the answer.
    ///
    /// # Panics
    /// Where there is no answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::read(request.send().await.unwrap()).await
    }

    /// GET, without a bearer.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST of JSON to a path below `/api/v1`.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, &format!("/api/v1{path}")).json(&body))
            .await
    }

    /// GET from a path below `/api/v1` with a bearer.
    pub async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send(self.request(Method::GET, &format!("/api/v1{path}")).bearer_auth(token))
            .await
    }

    /// A request with a bearer and JSON to a path below `/api/v1`.
    pub async fn call_as(&self, token: &str, method: Method, path: &str, body: Value) -> Answer {
        self.send(
            self.request(method, &format!("/api/v1{path}"))
                .bearer_auth(token)
                .json(&body),
        )
        .await
    }

    /// A POST with a bearer and JSON to a path below `/api/v1`.
    pub async fn post_as(&self, token: &str, path: &str, body: Value) -> Answer {
        self.call_as(token, Method::POST, path, body).await
    }

    /// Signs up and proves the address by the mailed code.
    pub async fn register(&self, mailbox: &Mailbox, email: &str, password: &str) -> SignedIn {
        let flow = self.sign_up(email, password).await;
        let code = mailbox.wait_for(email, 1).code();
        let answer = self
            .post("/auth/register/verify", json!({"flow_id": flow, "code": code}))
            .await
            .expect(201);
        SignedIn::from_answer(&answer)
    }

    /// Signs up and answers the flow.
    pub async fn sign_up(&self, email: &str, password: &str) -> String {
        let answer = self
            .post("/auth/register", json!({"email": email, "password": password}))
            .await;
        answer.expect(202).text_at("/flow_id")
    }

    /// Signs in.
    pub async fn login(&self, login: &str, password: &str) -> Answer {
        self.post("/auth/login", json!({"login": login, "password": password}))
            .await
    }

    /// Exchanges a refresh token.
    pub async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/auth/refresh", json!({"refresh_token": refresh_token}))
            .await
    }
}
