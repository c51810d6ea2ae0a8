//! What is scraped, and what rings.

use crate::deploy::{assert_valid, list_at, read, root, text_at, yaml};
use gatewright_tests::server::Server;
use gatewright_tests::set::Set;
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;
use tokio::time::{sleep, timeout};

const ALERTS: &str = "deploy/prometheus/alerts.yaml";

/// Our metrics in a text, without what is added for the parts of a histogram.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '_');
    let metrics = words.filter(|word| word.starts_with("gatewright_"));
    metrics
        .map(|metric| {
            let parts = ["_bucket", "_sum", "_count"];
            let part = parts.iter().find_map(|part| metric.strip_suffix(part));
            part.unwrap_or(metric).to_owned()
        })
        .collect()
}

/// What is told only where there is a PostgreSQL and a Redis.
fn is_of_other_servers(metric: &str) -> bool {
    ["gatewright_database_pool_", "gatewright_redis_"]
        .iter()
        .any(|prefix| metric.starts_with(prefix))
}

#[tokio::test]
async fn every_metric_that_is_named_is_there() {
    let paths = [ALERTS, "docs/operations/observing.md", "docs/operations/failures.md"];
    let mut missing: BTreeSet<String> = paths.iter().flat_map(|path| metrics_in(&read(path))).collect();
    assert!(missing.len() > 10, "{missing:?}");
    if Set::chosen() == Set::Sqlite {
        missing.retain(|metric| !is_of_other_servers(metric));
    }
    let server = Server::start();
    let client = server.client();
    // Some are there only once something has happened, such as a job's first run.
    let all = async {
        while !missing.is_empty() {
            let page = client.get("/metrics").await.expect(200);
            let there = metrics_in(&page.text);
            missing.retain(|metric| !there.contains(metric));
            sleep(Duration::from_millis(20)).await;
        }
    };
    let patience = timeout(Duration::from_secs(20), all).await;
    assert!(patience.is_ok(), "these are nowhere: {missing:?}");
}

#[test]
fn every_alert_says_what_is_wrong() {
    let alerts = yaml(ALERTS).remove(0);
    let rules: Vec<_> = list_at(&alerts, "/groups/0/rules").collect();
    assert!(rules.len() > 5);
    for rule in rules {
        for pointer in ["/alert", "/expr", "/labels/severity", "/annotations/summary"] {
            text_at(rule, pointer);
        }
    }
}

#[test]
fn promtool_reads_them() {
    assert_valid(
        Command::new("promtool")
            .args(["check", "rules"])
            .arg(root().join(ALERTS)),
    );
    let configuration = root().join("deploy/prometheus/scrape.yaml");
    assert_valid(Command::new("promtool").args(["check", "config"]).arg(configuration));
}
