//! Two servers over one PostgreSQL and a Redis of their own, and people who go on using them.

use gatewright_private_servers::{RedisServer, installed_redis};
use gatewright_tests::client::{Client, PASSWORD, SignedIn};
use gatewright_tests::replica::Replica;
use gatewright_tests::server::Server;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(20);
/// People who use the servers at once.
const WORKERS: usize = 3;

pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) redis: RedisServer,
}

pub(crate) fn private_redis(settings: &[&str]) -> RedisServer {
    RedisServer::start(&installed_redis().unwrap(), settings).unwrap()
}

impl Scene {
    pub(crate) fn set() -> Self {
        let redis = private_redis(&[]);
        Self {
            server: server_over(&redis.url()),
            redis,
        }
    }

    pub(crate) fn command(&self, words: &[&str]) {
        self.redis.command(words).unwrap();
    }
}

/// A server that tells the others by the Redis of this URL. Addresses need no proof, so that a sign-up is one request.
pub(crate) fn server_over(redis_url: &str) -> Server {
    Server::with(&[("REDIS_URL", redis_url), ("EMAIL_VERIFICATION", "off")])
}

/// Clients of each replica alone.
pub(crate) fn each(server: &Server) -> [Client; 2] {
    let clients: Vec<Client> = server.replicas().iter().map(Replica::client).collect();
    clients.try_into().unwrap()
}

pub(crate) async fn signed_up(client: &Client, email: &str) -> SignedIn {
    let body = json!({"email": email, "password": PASSWORD});
    SignedIn::from_answer(&client.post("/auth/register", body).await.expect(201))
}

pub(crate) async fn signed_in(client: &Client, email: &str) -> SignedIn {
    SignedIn::from_answer(&client.login(email, PASSWORD).await.expect(200))
}

pub(crate) async fn is_let_in(client: &Client, person: &SignedIn) {
    let answer = client.get_as(&person.access_token, "/users/me").await;
    assert_eq!(answer.expect(200).text_at("/id").len(), 36);
}

pub(crate) async fn is_signed_out(client: &Client, person: &SignedIn) {
    client
        .get_as(&person.access_token, "/users/me")
        .await
        .expect_problem(401, "revoked_token");
}

pub(crate) async fn sign_out(client: &Client, person: &SignedIn) {
    let body = json!({"refresh_token": person.refresh_token});
    client.post("/auth/logout", body).await.expect(204);
}

/// Whoever is signed out at one server is let in by no other, though it has just seen them.
pub(crate) async fn a_sign_out_acts_at_once(server: &Server, email: &str) {
    let [first, second] = each(server);
    for (here, there) in [(&first, &second), (&second, &first)] {
        let person = signed_in(here, email).await;
        is_let_in(there, &person).await;
        is_let_in(there, &person).await;
        sign_out(here, &person).await;
        is_signed_out(there, &person).await;
        there
            .refresh(&person.refresh_token)
            .await
            .expect_problem(401, "revoked_token");
    }
}

/// Every replica is ready, and says this of itself and of Redis.
pub(crate) async fn until_ready_says(server: &Server, status: &str, redis: &str) {
    for replica in server.replicas() {
        let client = replica.client();
        until(&format!("it says {status}"), async || {
            let ready = client.get("/health/ready").await.expect(200);
            ready.text_at("/status") == status && ready.text_at("/dependencies/redis") == redis
        })
        .await;
    }
}

pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "it never came about that {what}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// People who sign in and out, refresh and read, until they are told to stop. An answer that is not a good one fails the test.
pub(crate) struct Load {
    state: Arc<LoadState>,
    workers: Vec<JoinHandle<Duration>>,
}

#[derive(Default)]
struct LoadState {
    is_over: AtomicBool,
    rounds: AtomicUsize,
}

impl Load {
    pub(crate) async fn begin(server: &Server) -> Self {
        let state = Arc::<LoadState>::default();
        let client = server.client();
        let mut workers = Vec::new();
        for number in 0..WORKERS {
            let email = format!("worker-{number}@example.org");
            let person = signed_up(&client, &email).await;
            workers.push(tokio::spawn(go_on(client.clone(), email, person, Arc::clone(&state))));
        }
        let load = Self { state, workers };
        load.has_gone_on().await;
        load
    }

    /// Waits until everybody has done something since.
    pub(crate) async fn has_gone_on(&self) {
        let rounds = || self.state.rounds.load(Ordering::SeqCst);
        let enough = rounds() + 3 * WORKERS;
        until("the load goes on", async || {
            rounds() >= enough || self.workers.iter().any(JoinHandle::is_finished)
        })
        .await;
    }

    /// Ends it, and answers how long the slowest request took.
    pub(crate) async fn end(self) -> Duration {
        self.state.is_over.store(true, Ordering::SeqCst);
        let mut slowest = Duration::ZERO;
        for worker in self.workers {
            slowest = slowest.max(worker.await.unwrap());
        }
        slowest
    }
}

async fn go_on(client: Client, email: String, mut person: SignedIn, state: Arc<LoadState>) -> Duration {
    let mut slowest = Duration::ZERO;
    while !state.is_over.load(Ordering::SeqCst) {
        let answer = timed(&mut slowest, client.refresh(&person.refresh_token)).await;
        person = SignedIn::from_answer(&answer.expect(200));
        timed(&mut slowest, is_let_in(&client, &person)).await;
        let other = timed(&mut slowest, signed_in(&client, &email)).await;
        timed(&mut slowest, is_let_in(&client, &other)).await;
        timed(&mut slowest, sign_out(&client, &other)).await;
        timed(&mut slowest, is_signed_out(&client, &other)).await;
        state.rounds.fetch_add(1, Ordering::SeqCst);
    }
    slowest
}

/// Keeps the longest time that anything took.
async fn timed<T>(slowest: &mut Duration, request: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let answer = request.await;
    *slowest = begun.elapsed().max(*slowest);
    answer
}
