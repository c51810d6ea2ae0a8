use super::*;
use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::gauges::{Gauge, MetricsPage};
use gatewright_fakes::manual_clock::ManualClock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

fn measurements() -> PrometheusMeasurements {
    PrometheusMeasurements::new("1.2.3", Arc::new(ManualClock::default()))
}

async fn text(measurements: &PrometheusMeasurements) -> String {
    measurements.page(Vec::new(), Vec::new()).text().await
}

fn request<'a>(route: &'static str, method: &'a str, status: u16, millis: u64) -> AnsweredRequest<'a> {
    AnsweredRequest {
        route,
        method,
        status,
        took: Duration::from_millis(millis),
    }
}

#[track_caller]
fn assert_holds(text: &str, line: &str) {
    assert!(text.lines().any(|found| found == line), "{line}\n\n{text}");
}

#[tokio::test]
async fn requests_are_counted_and_timed_by_route() {
    let measurements = measurements();
    measurements.request_answered(request("/users/{id}", "GET", 200, 3));
    measurements.request_answered(request("/users/{id}", "GET", 200, 30));
    measurements.request_answered(request("/users/{id}", "DELETE", 404, 700));
    let text = text(&measurements).await;
    let name = "gatewright_http_requests_total";
    assert_holds(
        &text,
        &format!("{name}{{route=\"/users/{{id}}\",method=\"GET\",status=\"200\"}} 2"),
    );
    assert_holds(
        &text,
        &format!("{name}{{route=\"/users/{{id}}\",method=\"DELETE\",status=\"404\"}} 1"),
    );
    let name = "gatewright_http_request_duration_seconds";
    for (bound, count) in [("0.0025", 0), ("0.005", 1), ("0.05", 2), ("1", 3), ("+Inf", 3)] {
        assert_holds(
            &text,
            &format!("{name}_bucket{{route=\"/users/{{id}}\",le=\"{bound}\"}} {count}"),
        );
    }
    assert_holds(&text, "# TYPE gatewright_http_request_duration_seconds histogram");
    assert!(text.contains("# HELP gatewright_http_requests_total Requests answered"));
}

#[tokio::test]
async fn words_that_clients_make_up_make_no_series() {
    let measurements = measurements();
    for word in ["BREW", "brew", "get", "X\"}\n1"] {
        measurements.request_answered(request("unmatched", word, 405, 1));
    }
    let text = text(&measurements).await;
    let series = text
        .lines()
        .filter(|line| line.starts_with("gatewright_http_requests_total"));
    assert_eq!(
        series.collect::<Vec<_>>(),
        [r#"gatewright_http_requests_total{route="unmatched",method="other",status="405"} 4"#]
    );
}

#[tokio::test]
async fn outcomes_are_there_from_the_beginning() {
    let measurements = measurements();
    measurements.sign_in(SignInOutcome::Succeeded);
    measurements.mail(MailResult::Parked);
    let text = text(&measurements).await;
    assert_holds(&text, r#"gatewright_sign_ins_total{outcome="succeeded"} 1"#);
    assert_holds(&text, r#"gatewright_sign_ins_total{outcome="invalid_credentials"} 0"#);
    assert_holds(&text, r#"gatewright_mails_total{result="parked"} 1"#);
    assert_holds(&text, r#"gatewright_mails_total{result="sent"} 0"#);
    assert_holds(&text, r#"gatewright_build_info{version="1.2.3"} 1"#);
}

#[tokio::test]
async fn a_job_is_told_by_its_runs_and_its_last_success() {
    let measurements = measurements();
    measurements.job_finished(Job::RemoveOldMails, true, Duration::from_secs(2));
    measurements.job_finished(Job::RemoveOldMails, false, Duration::from_secs(20));
    let text = text(&measurements).await;
    let job = r#"job="remove-old-mails""#;
    assert_holds(
        &text,
        &format!("gatewright_job_runs_total{{{job},result=\"succeeded\"}} 1"),
    );
    assert_holds(
        &text,
        &format!("gatewright_job_runs_total{{{job},result=\"failed\"}} 1"),
    );
    assert_holds(
        &text,
        &format!("gatewright_job_last_success_timestamp_seconds{{{job}}} 1740830400.123456"),
    );
    for (bound, count) in [("1", 0), ("5", 1), ("60", 2)] {
        assert_holds(
            &text,
            &format!("gatewright_job_duration_seconds_bucket{{{job},le=\"{bound}\"}} {count}"),
        );
    }
}

#[tokio::test]
async fn nothing_is_lost_under_threads_or_kept_for_nobody() {
    let measurements = Arc::new(measurements());
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let measurements = Arc::clone(&measurements);
            thread::spawn(move || {
                for _ in 0..5_000 {
                    measurements.request_answered(request("/", "GET", 200, 1));
                    measurements.password_hashed(Duration::ZERO, Duration::from_millis(15));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let text = text(&measurements).await;
    assert_holds(
        &text,
        r#"gatewright_http_requests_total{route="/",method="GET",status="200"} 20000"#,
    );
    assert_holds(
        &text,
        r#"gatewright_http_request_duration_seconds_count{route="/"} 20000"#,
    );
    assert_holds(&text, "gatewright_password_hash_duration_seconds_count 20000");
}

#[tokio::test]
async fn two_instances_do_not_count_for_each_other() {
    let (one, other) = (measurements(), measurements());
    one.sign_in(SignInOutcome::Succeeded);
    assert_holds(
        &text(&other).await,
        r#"gatewright_sign_ins_total{outcome="succeeded"} 0"#,
    );
}

/// Tells how often it was asked.
#[derive(Default)]
struct Counting {
    asked: AtomicU32,
    broken: AtomicBool,
}

impl GaugeSource for Counting {
    fn read(&self, found: &mut dyn FnMut(Gauge, f64)) {
        found(Gauge::HttpConnections, 7.0);
    }
}

#[async_trait]
impl AskedGaugeSource for Counting {
    async fn ask(&self) -> Result<Vec<(Gauge, f64)>, PortError> {
        let times = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        if self.broken.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        Ok(vec![(Gauge::OutboxWaiting, times.into())])
    }
}

#[tokio::test]
async fn gauges_are_read_whenever_somebody_looks_and_asked_for_once_in_a_while() {
    let source = Arc::<Counting>::default();
    let mut page = measurements().page(vec![source.clone()], vec![source.clone()]);
    page.fresh = Duration::from_hours(1);
    for _ in 0..3 {
        let text = page.text().await;
        assert_holds(&text, "gatewright_http_connections 7");
        assert_holds(&text, r#"gatewright_outbox_mails{state="waiting"} 1"#);
    }
}

#[tokio::test]
async fn a_source_that_does_not_answer_holds_nobody_up_and_leaves_no_old_value() {
    let source = Arc::<Counting>::default();
    let mut page = measurements().page(Vec::new(), vec![source.clone()]);
    (page.fresh, page.patience) = (Duration::ZERO, Duration::from_millis(1));
    assert_holds(&page.text().await, r#"gatewright_outbox_mails{state="waiting"} 1"#);
    source.broken.store(true, Ordering::Relaxed);
    assert_holds(&page.text().await, r#"gatewright_outbox_mails{state="waiting"} NaN"#);
}
