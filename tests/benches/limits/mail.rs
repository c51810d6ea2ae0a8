//! Sending what waits in the outbox, beside one SMTP connection.

use crate::arguments::Plan;
use crate::bare_smtp;
use crate::callers::sending_once;
use crate::http_load::{post, run};
use crate::population::{address, email, sign_up};
use crate::report::{Aim, Report, Rounds};
use crate::smtp_sink::SmtpSink;
use crate::stores::Stores;
use gatewright_tests::server::Server;
use serde_json::json;
use std::time::Duration;

const MAILS: usize = 2000;
const USERS: usize = 100;
const CONNECTIONS: usize = 8;
const PATIENCE: Duration = Duration::from_mins(10);

/// From the first to the last mail of a full outbox.
pub(crate) async fn measure(plan: &Plan, report: &mut Report) {
    let stores = Stores::start(report);
    let sink = SmtpSink::start();
    report.parameter(
        "mail",
        "2 connections without TLS; the mail server flushes each mail to its disk",
    );
    let database = stores.postgres.create_database("mail");
    let smtp = format!("smtp://{}?tls=none", sink.address);
    let writing = stores.process(&database, &[("SMTP_URL", &smtp)]);
    sign_up(&writing, 0..USERS).await;
    let (mut ours, mut limit) = (Rounds::default(), Rounds::default());
    for _ in 0..plan.rounds {
        fill_outbox(&writing).await;
        sink.forget();
        let sending = stores.process_beside(&writing, &database, &[("SMTP_URL", &smtp), ("SCHEDULER", "embedded")]);
        ours.push(sink.rate(MAILS));
        drop(sending);
        limit.push(bare_smtp::rate(&sink.address, &sink.newest(), MAILS));
    }
    report.ratio(
        "mails sent beside one pipelined SMTP connection",
        &ours,
        &limit,
        "/s",
        Some(Aim::AtLeast(0.8)),
    );
}

/// Resets of passwords, asked for and not sent yet.
async fn fill_outbox(server: &Server) {
    let body = |mail: usize| json!({"email": email(mail % USERS)}).to_string();
    let requests = (0..MAILS).map(|mail| post("/api/v1/auth/password/forgot", &body(mail)));
    let callers = sending_once(requests.collect(), CONNECTIONS);
    let load = run(&[address(server)], callers, PATIENCE).await;
    assert_eq!((load.answered(), load.refused), (MAILS, 0), "asked, refused");
}
