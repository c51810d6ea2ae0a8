//! Work beside the requests: mails and jobs, in the server or in processes of their own.

use gatewright_tests::client::PASSWORD;
use gatewright_tests::environment::Environment;
use gatewright_tests::scheduler::Scheduler;
use gatewright_tests::server::Server;
use serde_json::Value;
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

const ANN: &str = "ann@example.org";
const BOB: &str = "bob@example.org";
/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_mins(1);
const JOBS: i64 = 7;

fn served_and_scheduled_apart() -> (Server, Arc<Environment>) {
    let environment = Arc::new(Environment::new(&[("SCHEDULER", "external")]));
    (Server::start_in(Arc::clone(&environment)), environment)
}

async fn until_every_job_has_run(environment: &Environment) {
    let all_ran = async {
        while environment.count("jobs where finished_at is not null") < JOBS {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, all_ran).await.unwrap();
}

fn listed(environment: &Environment) -> Vec<Value> {
    let Output { status, stdout, stderr } = environment.command(&["jobs", "list", "--json"]).output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    serde_json::from_slice(&stdout).unwrap()
}

#[tokio::test]
async fn jobs_run_inside_the_server_and_are_listed_with_their_results() {
    let server = Server::start();
    let environment = server.environment();
    until_every_job_has_run(environment).await;
    let jobs = listed(environment);
    assert_eq!(jobs.len(), 7);
    for job in &jobs {
        assert_eq!(job["last_finished"]["outcome"], "done", "{job}");
        assert_eq!((&job["running"], &job["due"]), (&false.into(), &false.into()), "{job}");
    }
    let table = environment.command(&["jobs", "list"]).output().unwrap();
    let table = String::from_utf8(table.stdout).unwrap();
    for job in &jobs {
        assert!(table.contains(job["name"].as_str().unwrap()), "{table}");
    }
}

#[tokio::test]
async fn f16_of_three_schedulers_each_mail_is_sent_once_and_each_job_runs_once() {
    let (server, environment) = served_and_scheduled_apart();
    let schedulers = [(); 3].map(|()| Scheduler::start_in(&environment));
    let (client, mailbox) = (server.client(), server.mailbox());
    for number in 0..20 {
        client.sign_up(&format!("person{number}@example.org"), PASSWORD).await;
    }
    until_every_job_has_run(&environment).await;
    for number in 0..20 {
        mailbox.wait_for(&format!("person{number}@example.org"), 1);
    }
    for scheduler in schedulers {
        let (status, took) = scheduler.stop();
        assert!(status.success() && took < Duration::from_secs(30), "{status}, {took:?}");
    }
    assert_eq!(mailbox.all().len(), 20);
    assert_eq!(environment.count("outbox_mails where sent_at is null"), 0);
    assert_eq!(environment.count("outbox_mails where attempts > 1"), 0);
    // The beginning of another interval may lie between them.
    assert_eq!(environment.count("jobs where fence > 2"), 0);
}

#[tokio::test]
async fn a_server_leaves_mails_to_schedulers_and_those_to_each_other() {
    let (server, environment) = served_and_scheduled_apart();
    let (client, mailbox) = (server.client(), server.mailbox());
    let killed = Scheduler::start_in(&environment);
    client.sign_up(ANN, PASSWORD).await;
    mailbox.wait_for(ANN, 1);
    killed.kill();
    client.sign_up(BOB, PASSWORD).await;
    // A server that sends by itself would have sent it long before the last of these is answered.
    for number in 0..10 {
        client.sign_up(&format!("person{number}@example.org"), PASSWORD).await;
    }
    assert_eq!(mailbox.to(BOB).len(), 0, "the server sent it");
    let _heir = Scheduler::start_in(&environment);
    mailbox.wait_for(BOB, 1);
}

#[test]
fn a_job_is_run_by_command() {
    let environment = Environment::new(&[]);
    let run = |job: &str| {
        let Output { status, stdout, stderr } = environment.command(&["jobs", "run", job]).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    };
    for _ in 0..2 {
        let (code, stdout, stderr) = run("remove-old-mails");
        assert_eq!(
            (code, stdout.as_str()),
            (0, "remove-old-mails is done: 0 removed\n"),
            "{stderr}"
        );
    }
    assert_eq!(
        environment.count("jobs where name = 'remove-old-mails' and fence = 2"),
        1
    );
    let (code, _, stderr) = run("remove-everything");
    assert_eq!(code, 2);
    assert!(stderr.contains("rotate-signing-keys"), "{stderr}");
}

#[test]
fn the_scheduler_says_what_it_is_and_what_is_wrong_with_its_settings() {
    let environment = Environment::new(&[("AUDIT_RETENTION", "a while")]);
    let help = environment.scheduler_command(&["--help"]).output().unwrap();
    assert!(help.status.success());
    assert!(String::from_utf8(help.stdout).unwrap().contains("SCHEDULER=external"));
    let started = environment.scheduler_command(&[]).output().unwrap();
    assert_eq!(started.status.code(), Some(2));
    assert!(String::from_utf8(started.stderr).unwrap().contains("AUDIT_RETENTION"));
}
