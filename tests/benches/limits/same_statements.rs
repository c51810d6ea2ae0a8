//! Checks that pgbench sends what the server does: otherwise one would be measured beside something else.

use crate::callers::{Session, reading_once, refreshing, refreshing_once};
use crate::http_load::run;
use crate::pgbench::Script;
use crate::population::{address, sign_up};
use crate::stores::Stores;
use std::time::{Duration, Instant};

/// Long enough for every statement to be prepared.
const WARM_UP: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(10);
/// Nobody else's.
const USER: usize = 1_000_000_000;

/// Has a server refresh a session and recognise the new access token, and compares what it sent about sessions, as
/// PostgreSQL logs it, with the scripts.
pub(crate) async fn expect_same_statements(stores: &Stores, database: &str) {
    let logging = format!("{database}?options=-clog_min_duration_statement%3D0");
    let server = stores.process(&logging, &[("DATABASE_POOL_SIZE", "1")]);
    let sessions = sign_up(&server, USER..USER + 1).await;
    let granted = || sessions.iter().map(Session::access_token).collect();
    run(&[address(&server)], refreshing(&sessions), WARM_UP).await;
    run(&[address(&server)], reading_once(granted(), 1), PATIENCE).await;

    let marks = ["what is compared begins", "what is compared ends"];
    let [begins, ends] = marks.map(|mark| format!("select '{mark}'"));
    stores.postgres.query(&logging, &begins);
    run(&[address(&server)], refreshing_once(&sessions, 1), PATIENCE).await;
    run(&[address(&server)], reading_once(granted(), 1), PATIENCE).await;
    stores.postgres.query(&logging, &ends);
    let log = log_between(stores, &begins, &ends).await;
    let scripts: Vec<String> = [Script::Refresh, Script::Read]
        .into_iter()
        .flat_map(statements)
        .collect();
    assert_eq!(
        sent_about_sessions(&log),
        scripts,
        "left: what the server sends, right: tests/benches/limits/pgbench"
    );
}

/// What was logged between two statements. The log is written by a process of its own, in the order in which things happened.
async fn log_between(stores: &Stores, begins: &str, ends: &str) -> String {
    let given_up_at = Instant::now() + PATIENCE;
    loop {
        let log = stores.postgres.log();
        let after = log.split_once(begins).map(|(_, after)| after);
        if let Some((between, _)) = after.and_then(|after| after.split_once(ends)) {
            return between.to_owned();
        }
        assert!(Instant::now() < given_up_at, "PostgreSQL logs nothing");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What was executed in simple or prepared form; also what was prepared, which is a round trip that should not be there.
fn sent_about_sessions(log: &str) -> Vec<String> {
    let statement = |line: &str| {
        let (_, logged) = line.split_once("LOG:  duration: ")?;
        let (step, statement) = logged.split_once(": ")?;
        let (_milliseconds, step) = step.split_once(" ms  ")?;
        (statement.contains("\"sessions\"") && !step.starts_with("bind")).then(|| {
            let prefix = if step.starts_with("execute") { "" } else { step };
            format!("{prefix}{}", on_one_line(statement))
        })
    };
    log.lines().filter_map(statement).collect()
}

/// The statements of a script behind each client's preparation, as they arrive.
fn statements(script: Script) -> Vec<String> {
    let text = script.text();
    let (_preparation, text) = text.split_once("\\endif").unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('\\')).collect();
    let statements = lines.join(" ");
    let statements = statements.split(';').map(|statement| on_one_line(&numbered(statement)));
    statements.filter(|statement| !statement.is_empty()).collect()
}

/// With each `:name` replaced by the number of its place, as pgbench does it.
fn numbered(statement: &str) -> String {
    let mut parts = statement.split(':');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (number, part) in (1..).zip(parts) {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let rest = end.and_then(|end| part.get(end..)).unwrap_or_default();
        text = format!("{text}${number}{rest}");
    }
    text
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
