//! The processes themselves: many at a time, killed in the middle, or out of file handles.

use super::asking::{BACK, bounded, until_ready};
use super::load::{self, register};
use super::own_postgres;
use gatewright_tests::client::{Client, SignedIn};
use gatewright_tests::environment::Environment;
use gatewright_tests::server::Server;
use gatewright_tests::set::{Set, only_on};
use std::collections::VecDeque;
use std::fs;
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use tokio::time::Instant;

const ANN: &str = "ann@example.org";
const KEYS: [(&str, &str); 2] = [
    ("SECRET_KEY", "6e3ad2c8f1b04597a8c2d1e0f3b49586"),
    ("TOKEN_KEYS_FILE", "token-keys"),
];

/// All migrations but the first, or the first few.
const MOST_STEPS: &str = "--steps=8";

/// A process that does not outlive its test.
struct KilledInTheEnd(Child);

impl KilledInTheEnd {
    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for KilledInTheEnd {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(environment: &Environment, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = environment.command(arguments).output().unwrap();
    assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

#[tokio::test]
async fn f26_servers_that_start_at_once_on_an_empty_database_migrate_it_once() {
    if !only_on(&[Set::Postgres, Set::Replicas], "a data folder serves one server") {
        return;
    }
    let environment = Arc::new(Environment::new(&[KEYS.as_slice(), &load::SETTINGS].concat()));
    run(&environment, &["keys", "rotate"]);
    let start = || Server::start_in(Arc::clone(&environment));
    let servers: Vec<Server> = thread::scope(|scope| {
        let starts = [(); 3].map(|()| scope.spawn(start));
        starts.map(|server| server.join().unwrap()).into()
    });
    for server in &servers {
        until_ready(&server.client()).await;
    }
    let applied = servers
        .iter()
        .map(|server| server.output().matches("was migrated").count());
    assert_eq!(
        applied.sum::<usize>(),
        1,
        "{:?}",
        servers.iter().map(Server::output).collect::<Vec<_>>()
    );
    let ann = register(&servers[0].client(), ANN).await.unwrap().expect(201);
    let ann = SignedIn::from_answer(&ann);
    servers[1]
        .client()
        .get_as(&ann.access_token, "/users/me")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f26_what_a_killed_migration_began_the_next_one_does() {
    if !only_on(&[Set::Postgres], "it holds up a PostgreSQL of its own") {
        return;
    }
    let postgres = own_postgres::start(&[]);
    let environment = own_postgres::environment(&postgres);
    run(&environment, &["migrate", "up"]);
    run(&environment, &["migrate", "down", MOST_STEPS]);
    let pending = || run(&environment, &["migrate", "status"]).matches("pending").count();
    assert!(pending() > 2, "users are to stay, and those that refer to them to go");

    let mut holder = own_postgres::connect(&postgres).await;
    let hold = holder.transaction().await.unwrap();
    hold.batch_execute("lock table users").await.unwrap();
    let migrate = || {
        let mut up = environment.command(&["migrate", "up"]);
        KilledInTheEnd(up.stdout(Stdio::null()).spawn().unwrap())
    };
    let mut killed = migrate();
    let waits = "select count(*) from pg_locks where relation = 'users'::regclass and not granted";
    let given_up_at = Instant::now() + BACK;
    while hold.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        assert!(
            Instant::now() < given_up_at,
            "the migration never came to where it is held up"
        );
    }
    killed.kill();
    // Its connection outlives it for a moment: it waits for the table, and the next one for it.
    let mut next = migrate();
    hold.rollback().await.unwrap();
    assert!(next.0.wait().unwrap().success());
    assert_eq!(pending(), 0);
    let server = Server::start_in(environment);
    register(&server.client(), ANN).await.unwrap().expect(201);
}

/// Refreshes the sessions that wait in line, one after the other, and answers the tokens that it got for them.
async fn refresh_all(client: Client, waiting: Arc<Mutex<VecDeque<String>>>) -> Vec<String> {
    let mut refreshed = Vec::new();
    loop {
        let next = waiting.lock().unwrap().pop_front();
        let Some(token) = next else { return refreshed };
        let answer = bounded(client.refresh(&token)).await.expect(200);
        refreshed.push(SignedIn::from_answer(&answer).refresh_token);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f27_sessions_that_are_refreshed_all_at_once_all_live_on() {
    const CLIENTS: usize = 64;
    const SESSIONS: usize = 200;
    const ROUNDS: usize = 10;
    // So many sign up at once only here.
    let server = Server::with(&[&load::SETTINGS[..], &[("HASH_MAX_WAIT", "60s")]].concat());
    let client = server.client();
    let mut tokens = Vec::new();
    for group in 0..SESSIONS / 20 {
        let group = (0..20).map(|number| {
            let client = client.clone();
            tokio::spawn(async move { register(&client, &format!("person-{group}-{number}@example.org")).await })
        });
        for answer in group.collect::<Vec<_>>() {
            let answer = answer.await.unwrap().unwrap().expect(201);
            tokens.push(SignedIn::from_answer(&answer).refresh_token);
        }
    }
    for _ in 0..ROUNDS {
        let waiting = Arc::new(Mutex::new(tokens.drain(..).collect::<VecDeque<String>>()));
        let clients = [(); CLIENTS].map(|()| tokio::spawn(refresh_all(client.clone(), Arc::clone(&waiting))));
        for refreshed in clients {
            tokens.extend(refreshed.await.unwrap());
        }
        assert_eq!(tokens.len(), SESSIONS);
    }
    assert_eq!(server.environment().count("sessions where ended_at is not null"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f31_without_file_handles_a_server_turns_away_who_is_new_and_lives() {
    const HANDLES: usize = 64;
    let mut server = Server::with(&load::SETTINGS);
    let client = server.client();
    let ann = SignedIn::from_answer(&register(&client, ANN).await.unwrap().expect(201));
    for replica in server.replicas() {
        let limit = [&format!("--nofile={HANDLES}"), "--pid", &replica.pid().to_string()];
        assert!(Command::new("prlimit").args(limit).status().unwrap().success());
    }
    // As many as it will never get handles for.
    let address = |url: &str| url.trim_start_matches("http://").to_owned();
    let crowd: Vec<TcpStream> = server
        .replicas()
        .iter()
        .flat_map(|replica| [replica; 150])
        .map(|replica| TcpStream::connect(address(replica.base_url())).unwrap())
        .collect();
    for replica in server.replicas() {
        let handles = format!("/proc/{}/fd", replica.pid());
        let given_up_at = Instant::now() + BACK;
        while fs::read_dir(&handles).unwrap().count() < HANDLES {
            assert!(Instant::now() < given_up_at, "it has handles left");
        }
    }
    drop(crowd);
    until_ready(&client).await;
    client.get_as(&ann.access_token, "/users/me").await.expect(200);
    register(&client, "bob@example.org").await.unwrap().expect(201);
    server.terminate();
    assert!(server.wait().success());
}
