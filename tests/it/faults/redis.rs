//! Redis is absent, dies, hangs, loses everything or takes no writes: nobody is signed out, nobody gets in who should not.

mod scene;

use gatewright_private_servers::RedisServer;
use gatewright_tests::client::{Client, PASSWORD, SignedIn};
use gatewright_tests::environment::Environment;
use gatewright_tests::server::Server;
use gatewright_tests::set::{Set, only_on};
use reqwest::Method;
use scene::{
    Load, Scene, a_sign_out_acts_at_once, each, is_let_in, is_signed_out, private_redis, server_over, sign_out,
    signed_in, signed_up, until, until_ready_says,
};
use serde_json::json;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::time::Instant;

const ANN: &str = "ann@example.org";
const BOB: &str = "bob@example.org";
/// What a request may take while Redis is away: a second, and time for a busy machine.
const BOUND: Duration = Duration::from_secs(3);

/// Sessions that are ended at one server and asked for at the other.
const ROUNDS: usize = 200;

fn only_where_redis_is() -> bool {
    only_on(&[Set::Replicas], "it is between servers that Redis makes a difference")
}

/// Does something to Redis while people use the servers, and puts it right again.
async fn goes_unnoticed(fault: impl FnOnce(&mut RedisServer), repair: impl FnOnce(&mut RedisServer)) {
    let mut scene = Scene::set();
    signed_up(&scene.server.client(), ANN).await;
    until_ready_says(&scene.server, "ok", "ok").await;
    let load = Load::begin(&scene.server).await;
    fault(&mut scene.redis);
    a_sign_out_acts_at_once(&scene.server, ANN).await;
    until_ready_says(&scene.server, "degraded", "unavailable").await;
    a_sign_out_acts_at_once(&scene.server, ANN).await;
    load.has_gone_on().await;
    repair(&mut scene.redis);
    a_sign_out_acts_at_once(&scene.server, ANN).await;
    until_ready_says(&scene.server, "ok", "ok").await;
    a_sign_out_acts_at_once(&scene.server, ANN).await;
    load.has_gone_on().await;
    let slowest = load.end().await;
    assert!(slowest < BOUND, "{slowest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_redis_may_be_absent_at_the_start() {
    if !only_where_redis_is() {
        return;
    }
    let mut redis = private_redis(&[]);
    redis.kill().unwrap();
    let server = server_over(&redis.url());
    until_ready_says(&server, "degraded", "unavailable").await;
    signed_up(&server.client(), ANN).await;
    a_sign_out_acts_at_once(&server, ANN).await;
    redis.start_again().unwrap();
    until_ready_says(&server, "ok", "ok").await;
    a_sign_out_acts_at_once(&server, ANN).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_redis_may_be_killed() {
    if only_where_redis_is() {
        let start_again = |redis: &mut RedisServer| redis.start_again().unwrap();
        goes_unnoticed(|redis| redis.kill().unwrap(), start_again).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f03_redis_may_hang() {
    if only_where_redis_is() {
        goes_unnoticed(|redis| redis.pause().unwrap(), |redis| redis.resume().unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f03_redis_may_be_told_to_pause() {
    if only_where_redis_is() {
        // Until then it answers nobody, also not who would end the pause.
        let pause = |redis: &mut RedisServer| _ = redis.command(&["CLIENT", "PAUSE", "4000", "ALL"]).unwrap();
        goes_unnoticed(pause, |_| {}).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f05_redis_may_be_read_only() {
    if only_where_redis_is() {
        // Of a master that is not there.
        let demote = |redis: &mut RedisServer| _ = redis.command(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
        let promote = |redis: &mut RedisServer| _ = redis.command(&["REPLICAOF", "NO", "ONE"]).unwrap();
        goes_unnoticed(demote, promote).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f05_redis_may_be_full() {
    if only_where_redis_is() {
        let limit = |redis: &mut RedisServer, bytes| _ = redis.command(&["CONFIG", "SET", "maxmemory", bytes]).unwrap();
        goes_unnoticed(|redis| limit(redis, "1"), |redis| limit(redis, "0")).await;
    }
}

/// A code that is not `code`.
fn wrong(code: &str, offset: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + offset) % 1_000_000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f04_redis_may_lose_everything() {
    if !only_where_redis_is() {
        return;
    }
    let mut redis = private_redis(&[]);
    let server = Server::with(&[("REDIS_URL", &redis.url())]);
    let (client, mailbox) = (server.client(), server.mailbox());
    let first = client.register(&mailbox, ANN, PASSWORD).await;
    let bob = client.register(&mailbox, BOB, PASSWORD).await;
    let second = SignedIn::from_answer(&client.refresh(&first.refresh_token).await.expect(200));
    let third = SignedIn::from_answer(&client.refresh(&second.refresh_token).await.expect(200));
    sign_out(&client, &bob).await;
    let flow = client.sign_up("eve@example.org", PASSWORD).await;
    let code = mailbox.wait_for("eve@example.org", 1).code();
    let mut offsets = 1..=5;
    for loses in [by_command, by_restart] {
        for offset in offsets.by_ref().take(2) {
            is_refused(&client, &flow, &wrong(&code, offset)).await;
        }
        loses(&mut redis);
        for client in each(&server) {
            is_signed_out(&client, &bob).await;
            client
                .refresh(&bob.refresh_token)
                .await
                .expect_problem(401, "revoked_token");
            is_let_in(&client, &third).await;
        }
    }
    is_refused(&client, &flow, &wrong(&code, 5)).await;
    is_refused(&client, &flow, &code).await;
    client
        .refresh(&first.refresh_token)
        .await
        .expect_problem(401, "token_reused");
    for client in each(&server) {
        is_signed_out(&client, &third).await;
    }
}

fn by_command(redis: &mut RedisServer) {
    redis.command(&["FLUSHALL"]).unwrap();
}

/// It keeps nothing on disk.
fn by_restart(redis: &mut RedisServer) {
    redis.kill().unwrap();
    redis.start_again().unwrap();
}

async fn is_refused(client: &Client, flow: &str, code: &str) {
    let body = json!({"flow_id": flow, "code": code});
    client
        .post("/auth/register/verify", body)
        .await
        .expect_problem(401, "invalid_code");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a68_a_spent_token_is_dead_after_everything_was_killed_and_forgotten() {
    if !only_where_redis_is() {
        return;
    }
    let scene = Scene::set();
    let client = scene.server.client();
    let first = signed_up(&client, ANN).await;
    let bob = signed_up(&client, BOB).await;
    let second = SignedIn::from_answer(&client.refresh(&first.refresh_token).await.expect(200));
    let third = SignedIn::from_answer(&client.refresh(&second.refresh_token).await.expect(200));
    sign_out(&client, &bob).await;
    scene.command(&["FLUSHALL"]);
    let server = scene.server.kill_and_restart();
    let client = server.client();
    for client in each(&server) {
        is_let_in(&client, &third).await;
        is_signed_out(&client, &bob).await;
        client
            .refresh(&bob.refresh_token)
            .await
            .expect_problem(401, "revoked_token");
    }
    client
        .refresh(&first.refresh_token)
        .await
        .expect_problem(401, "token_reused");
    for client in each(&server) {
        is_signed_out(&client, &third).await;
    }
}

/// One way to end a session of somebody who has another one.
async fn end(here: &Client, way: usize, person: &SignedIn, by: &SignedIn) {
    match way % 4 {
        0 => sign_out(here, person).await,
        1 => {
            let path = format!("/users/me/sessions/{}", person.session_id);
            let ended = here.call_as(&by.access_token, Method::DELETE, &path, json!({}));
            ended.await.expect(204);
        }
        2 => {
            let others = here.request(Method::DELETE, "/api/v1/users/me/sessions");
            here.send(others.bearer_auth(&by.access_token)).await.expect(204);
        }
        _ => {
            let body = json!({"current_password": PASSWORD, "new_password": PASSWORD});
            let changed = here.post_as(&by.access_token, "/users/me/password", body);
            changed.await.expect(204);
        }
    }
}

/// Ends sessions at one server that the other has just seen, in every way, and says after each that it has.
async fn end_sessions(clients: [Client; 2], email: String, rounds: usize, ended: mpsc::Sender<()>) {
    let [first, second] = &clients;
    let owner = signed_up(first, &email).await;
    for round in 0..rounds {
        let (here, there) = if round % 8 < 4 {
            (first, second)
        } else {
            (second, first)
        };
        let person = signed_in(here, &email).await;
        is_let_in(there, &person).await;
        is_let_in(there, &person).await;
        end(here, round, &person, &owner).await;
        is_signed_out(there, &person).await;
        is_let_in(there, &owner).await;
        ended.send(()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a72_what_ends_at_one_server_is_over_at_once_at_the_other() {
    if !only_where_redis_is() {
        return;
    }
    let Scene { server, mut redis } = Scene::set();
    let (ended, each_end) = mpsc::channel();
    let workers = (0..4).map(|number| {
        let email = format!("person-{number}@example.org");
        tokio::spawn(end_sessions(each(&server), email, ROUNDS / 4, ended.clone()))
    });
    let workers: Vec<_> = workers.collect();
    drop(ended);
    let restarts = tokio::task::spawn_blocking(move || {
        let every_now_and_then = each_end.iter().enumerate().filter(|(number, ())| number % 40 == 20);
        every_now_and_then.for_each(|_| by_restart(&mut redis));
        redis
    });
    for worker in workers {
        worker.await.unwrap();
    }
    restarts.await.unwrap().stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f35_the_quota_of_mails_to_one_address_holds_over_all_servers() {
    if !only_where_redis_is() {
        return;
    }
    let mut redis = private_redis(&[]);
    let settings = [("REDIS_URL", redis.url()), ("EMAIL_VERIFICATION", "off".to_owned())];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let environment = Arc::new(Environment::new(&settings));
    let [server, more] = [(); 2].map(|()| Server::start_in(Arc::clone(&environment)));
    let clients = [each(&server), each(&more)].concat();
    signed_up(&clients[0], ANN).await;
    let forgot = async |rounds: usize| {
        for client in clients.iter().cycle().take(rounds) {
            let answer = client.post("/auth/password/forgot", json!({"email": ANN})).await;
            assert_eq!(answer.expect(202).text_at("/flow_id").len(), 36);
        }
    };
    forgot(3).await;
    redis.kill().unwrap();
    forgot(9).await;
    redis.start_again().unwrap();
    until_ready_says(&server, "ok", "ok").await;
    forgot(4).await;
    // Nothing is left to send: what has come by now is all.
    until("all are sent", async || {
        environment.count("outbox_mails where sent_at is null") == 0
    })
    .await;
    assert_eq!(server.mailbox().to(ANN).len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f34_a_name_that_does_not_resolve_is_a_redis_that_is_absent() {
    if !only_where_redis_is() {
        return;
    }
    let server = server_over("redis://nowhere.invalid");
    until_ready_says(&server, "degraded", "unavailable").await;
    signed_up(&server.client(), ANN).await;
    let load = Load::begin(&server).await;
    a_sign_out_acts_at_once(&server, ANN).await;
    let begun = Instant::now();
    let probes = (0..40).map(|_| {
        let client = server.client();
        tokio::spawn(async move { client.get("/health/live").await.expect(200).text_at("/status") })
    });
    for probe in probes.collect::<Vec<_>>() {
        assert_eq!(probe.await.unwrap(), "ok");
    }
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    let slowest = load.end().await;
    assert!(slowest < BOUND, "{slowest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r58_redis_is_spoken_to_by_tls() {
    if !only_where_redis_is() {
        return;
    }
    let authority = std::env::var_os("GATEWRIGHT_TEST_SMTP_CA").expect("run `cargo xtask test`");
    let authority = Path::new(&authority);
    let file = |name: &str| authority.with_file_name(name).display().to_string();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let [certificate, key, authority] = ["right_name.pem", "right_name.key", "authority.pem"].map(file);
    let _redis = private_redis(&[
        "--tls-port",
        &port,
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &authority,
        "--tls-auth-clients",
        "no",
    ]);
    let url = format!("rediss://localhost:{port}");
    let settings = [("REDIS_URL", url.as_str()), ("EMAIL_VERIFICATION", "off")];
    let mistrusting = Server::with(&settings);
    until_ready_says(&mistrusting, "degraded", "unavailable").await;
    let server = Server::with(&[&settings[..], &[("TLS_CA_FILE", &authority)]].concat());
    until_ready_says(&server, "ok", "ok").await;
    signed_up(&server.client(), ANN).await;
    a_sign_out_acts_at_once(&server, ANN).await;
}
