//! Users and sessions made through the API.

use crate::callers::{Session, opening};
use crate::http_load::{post, run};
use gatewright_tests::client::PASSWORD;
use gatewright_tests::server::Server;
use serde_json::json;
use std::ops::Range;
use std::sync::Mutex;
use std::time::Duration;

/// Fewer than the hashes that may wait.
const CONNECTIONS: usize = 32;
const PATIENCE: Duration = Duration::from_hours(1);

/// Where a server listens, as the load generator wants it.
pub(crate) fn address(server: &Server) -> &str {
    server.base_url().trim_start_matches("http://")
}

/// The address of a user.
pub(crate) fn email(user: usize) -> String {
    format!("user-{user}@example.org")
}

/// A request to sign in as a user.
pub(crate) fn sign_in_request(user: usize) -> Vec<u8> {
    let body = json!({"login": email(user), "password": PASSWORD});
    post("/api/v1/auth/login", &body.to_string())
}

/// Signs users up, where addresses need no proof: a session each.
pub(crate) async fn sign_up(server: &Server, users: Range<usize>) -> Vec<Session> {
    let body = |user| json!({"email": email(user), "password": PASSWORD});
    let request = |user| post("/api/v1/auth/register", &body(user).to_string());
    open(server, users.map(request).collect()).await
}

/// Signs one user in `count` times.
pub(crate) async fn sign_in(server: &Server, user: usize, count: usize) -> Vec<Session> {
    open(server, vec![sign_in_request(user); count]).await
}

async fn open(server: &Server, requests: Vec<Vec<u8>>) -> Vec<Session> {
    let wanted = requests.len();
    let (callers, opened) = opening(requests, CONNECTIONS);
    let load = run(&[address(server)], callers, PATIENCE).await;
    assert_eq!((load.answered(), load.refused), (wanted, 0), "sessions opened, refused");
    std::mem::take(&mut *Mutex::lock(&opened).unwrap())
}
