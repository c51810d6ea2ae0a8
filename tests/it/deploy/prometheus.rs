//! What is scraped, and what rings.

use crate::deploy::{assert_valid, list_at, read, root, text_at, yaml};
use gatewright_tests::server::Server;
use std::collections::BTreeSet;
use std::process::Command;

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

#[tokio::test]
async fn every_metric_that_is_named_is_there() {
    let server = Server::start();
    let page = server.client().get("/metrics").await.expect(200);
    let there = metrics_in(&page.text);
    for path in [ALERTS, "docs/operations/observing.md", "docs/operations/failures.md"] {
        let named = metrics_in(&read(path));
        let missing: Vec<&String> = named.difference(&there).collect();
        assert!(
            !named.is_empty() && missing.is_empty(),
            "{path} names {missing:?}; there are {there:?}"
        );
    }
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
