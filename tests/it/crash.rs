//! `kill -9` at any moment: nothing acknowledged is lost, nothing is left half done.

use gatewright_tests::client::{Client, PASSWORD, SignedIn};
use gatewright_tests::server::Server;
use reqwest::Method;
use serde_json::json;
use tokio::sync::mpsc;

const ROUNDS: usize = 12;

/// What the server acknowledged to one client before it was killed.
#[derive(Default)]
struct Acknowledged {
    addresses: Vec<String>,
    refresh_token: Option<String>,
}

async fn try_post(client: &Client, path: &str, body: serde_json::Value) -> Option<gatewright_tests::answer::Answer> {
    let response = client
        .request(Method::POST, &format!("/api/v1{path}"))
        .json(&body)
        .send()
        .await
        .ok()?;
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.ok()?;
    Some(gatewright_tests::answer::Answer { status, headers, text })
}

/// Registers and refreshes until the server is gone, and says so after every answer.
async fn work(
    client: Client,
    round: usize,
    worker: usize,
    mut refresh_token: String,
    answers: mpsc::UnboundedSender<()>,
) -> Acknowledged {
    let mut done = Acknowledged {
        refresh_token: Some(refresh_token.clone()),
        ..Acknowledged::default()
    };
    for n in 0.. {
        // A refresh whose answer is lost is tried again with the same token after the restart.
        let body = json!({"refresh_token": refresh_token});
        let Some(answer) = try_post(&client, "/auth/refresh", body).await else {
            break;
        };
        let next = SignedIn::from_answer(&answer.expect(200));
        refresh_token.clone_from(&next.refresh_token);
        done.refresh_token = Some(next.refresh_token);
        let _ = answers.send(());
        let email = format!("user-{round}-{worker}-{n}@example.org");
        let body = json!({"email": email, "password": PASSWORD});
        let Some(answer) = try_post(&client, "/auth/register", body).await else {
            break;
        };
        if answer.status == 201 {
            done.addresses.push(email);
        }
        let _ = answers.send(());
    }
    done
}

/// What would be there if a registration, which writes all of it together, were half done.
pub(crate) const HALF_DONE: [&str; 4] = [
    "users u where not exists (select 1 from user_roles r where r.user_id = u.id)",
    "users u where not exists (select 1 from sessions s where s.user_id = u.id)",
    "users u where not exists (select 1 from audit_events e where e.subject_id = u.id)",
    "audit_events e where not exists (select 1 from users u where u.id = e.subject_id)",
];

fn assert_nothing_is_half_done(server: &Server) {
    for parts in HALF_DONE {
        assert_eq!(server.environment().count(parts), 0, "{parts}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f11_f12_no_acknowledged_write_is_lost_when_the_server_is_killed() {
    let settings = [("EMAIL_VERIFICATION", "off"), ("RATE_LIMITS", "off")];
    let mut server = Server::with(&settings);
    let mut tokens = Vec::new();
    for worker in 0..3 {
        let body = json!({"email": format!("worker-{worker}@example.org"), "password": PASSWORD});
        let answer = server.client().post("/auth/register", body).await.expect(201);
        tokens.push(answer.text_at("/refresh_token"));
    }
    for round in 0..ROUNDS {
        let (answers, mut answered) = mpsc::unbounded_channel();
        let work = |(worker, token): (usize, &String)| {
            tokio::spawn(work(server.client(), round, worker, token.clone(), answers.clone()))
        };
        let workers: Vec<_> = tokens.iter().enumerate().map(work).collect();
        // After another number of answers in each round: the rest is at every stage of being done.
        for _ in 0..=round {
            answered.recv().await.unwrap();
        }
        server.kill();
        let mut acknowledged = Vec::new();
        for worker in workers {
            acknowledged.push(worker.await.unwrap());
        }
        server = server.kill_and_restart();
        assert_nothing_is_half_done(&server);
        let client = server.client();
        for (worker, done) in acknowledged.into_iter().enumerate() {
            let answer = client.refresh(&done.refresh_token.unwrap()).await.expect(200);
            tokens[worker] = answer.text_at("/refresh_token");
            if let Some(newest) = done.addresses.last() {
                client
                    .login(newest, PASSWORD)
                    .await
                    .expect(200)
                    .text_at("/access_token");
            }
            for address in done.addresses {
                let body = json!({"email": address, "password": PASSWORD});
                client
                    .post("/auth/register", body)
                    .await
                    .expect_problem(409, "email_taken");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_a_mail_whose_cause_was_committed_leaves_after_a_restart() {
    let mut server = Server::with(&[("RATE_LIMITS", "off")]);
    for round in 0..6 {
        let client = server.client();
        let address = format!("user-{round}@example.org");
        let sign_ups: Vec<_> = (0..4)
            .map(|n| {
                let (client, email) = (client.clone(), format!("{n}-{address}"));
                tokio::spawn(async move {
                    let body = json!({"email": email, "password": PASSWORD});
                    let answer = try_post(&client, "/auth/register", body).await?;
                    (answer.status == 202).then(|| (email, answer.text_at("/flow_id")))
                })
            })
            .collect();
        let mut acknowledged = Vec::new();
        for (n, sign_up) in sign_ups.into_iter().enumerate() {
            acknowledged.extend(sign_up.await.unwrap());
            if n == 0 {
                // The others are somewhere between their hash and their mail now.
                server.kill();
            }
        }
        // What the killed process was sending is another's after two minutes. Here they have passed.
        server
            .environment()
            .execute("update outbox_mails set due_at = created_at where due_at is not null");
        server = server.kill_and_restart();
        for (email, flow) in acknowledged {
            let mail = server.mailbox().wait_for(&email, 1);
            let body = json!({"flow_id": flow, "code": mail.code()});
            server
                .client()
                .post("/auth/register/verify", body)
                .await
                .expect(201)
                .text_at("/access_token");
            assert_eq!(server.mailbox().to(&email).len(), 1, "a mail was doubled");
        }
    }
}
