//! The registry of one instance: what it knows by which name.

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::sync::atomic::{AtomicU32, Ordering};

/// Upper bounds of what a request or a password takes, in seconds.
const BUCKETS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// Upper bounds of what a job takes, in seconds.
const JOB_BUCKETS: [f64; 9] = [0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0];

/// The exporter keeps every observation of a histogram until it is told to sort them into buckets: after so many.
const OBSERVATIONS_KEPT: u32 = 1024;

const METADATA: Metadata<'static> = Metadata::new("gatewright", Level::INFO, None);

pub(crate) const JOB_DURATION: &str = "gatewright_job_duration_seconds";
pub(crate) const JOB_LAST_SUCCESS: &str = "gatewright_job_last_success_timestamp_seconds";

/// What is told of each name.
const DESCRIPTIONS: [(&str, &str); 24] = [
    ("gatewright_build_info", "The version that runs; always 1."),
    (
        "gatewright_database_pool_connections",
        "Connections of the database pool by state.",
    ),
    (
        "gatewright_database_pool_waiting",
        "Callers that wait for a database connection.",
    ),
    ("gatewright_http_connections", "Connections of clients that are open."),
    (
        "gatewright_http_request_duration_seconds",
        "From a request's head to its answer's, by route.",
    ),
    (
        "gatewright_http_requests_in_flight",
        "Requests that wait for their answer.",
    ),
    (
        "gatewright_http_requests_total",
        "Requests answered, by route, method and status.",
    ),
    (JOB_DURATION, "How long a run of a job took."),
    (
        JOB_LAST_SUCCESS,
        "When a job last did what there was to do in this process.",
    ),
    (
        "gatewright_job_runs_total",
        "Runs of jobs in this process, by job and result.",
    ),
    ("gatewright_mails_total", "Tries to send a mail, by result."),
    (
        "gatewright_outbox_mails",
        "Mails in the outbox by state; counted up to 10000.",
    ),
    (
        "gatewright_outbox_oldest_due_age_seconds",
        "For how long the oldest due mail has been due.",
    ),
    (
        "gatewright_password_hash_duration_seconds",
        "How long a password hash took.",
    ),
    (
        "gatewright_password_hash_queue_depth",
        "Passwords that wait for a hashing thread.",
    ),
    ("gatewright_password_hash_threads_busy", "Hashing threads at work."),
    (
        "gatewright_password_hash_wait_seconds",
        "How long a password waited for a hashing thread.",
    ),
    (
        "gatewright_redis_breaker_open",
        "1 while Redis is left alone because it did not answer.",
    ),
    ("gatewright_redis_up", "1 where Redis answered last time."),
    ("gatewright_sign_ins_total", "Sign-ins by outcome."),
    ("process_open_fds", "Open file descriptors."),
    ("process_resident_memory_bytes", "Resident memory."),
    (
        "process_start_time_seconds",
        "When the process started, since the epoch.",
    ),
    ("process_threads", "Threads."),
];

/// Names and what was counted under them.
pub(crate) struct Registry {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    observations: AtomicU32,
}

impl Registry {
    pub(crate) fn new() -> Self {
        let jobs = Matcher::Full(JOB_DURATION.to_owned());
        #[expect(clippy::expect_used, reason = "neither list of buckets is empty")]
        let builder = PrometheusBuilder::new()
            .set_buckets(&BUCKETS)
            .and_then(|builder| builder.set_buckets_for_metric(jobs, &JOB_BUCKETS))
            .expect("buckets");
        let recorder = builder.build_recorder();
        for (name, description) in DESCRIPTIONS {
            // The exporter keeps descriptions of all kinds in one table.
            recorder.describe_gauge(KeyName::from_const_str(name), None, description.into());
        }
        Self {
            handle: recorder.handle(),
            recorder,
            observations: AtomicU32::new(0),
        }
    }

    pub(crate) fn counter(&self, name: &'static str, labels: Vec<Label>) -> Counter {
        self.recorder
            .register_counter(&Key::from_parts(name, labels), &METADATA)
    }

    pub(crate) fn gauge(&self, name: &'static str, labels: Vec<Label>) -> Gauge {
        self.recorder.register_gauge(&Key::from_parts(name, labels), &METADATA)
    }

    pub(crate) fn histogram(&self, name: &'static str, labels: Vec<Label>) -> Histogram {
        self.recorder
            .register_histogram(&Key::from_parts(name, labels), &METADATA)
    }

    /// To be called for every observation: memory stays bounded where nobody ever collects.
    pub(crate) fn observed(&self) {
        if self.observations.fetch_add(1, Ordering::Relaxed) % OBSERVATIONS_KEPT == OBSERVATIONS_KEPT - 1 {
            self.handle.run_upkeep();
        }
    }

    pub(crate) fn text(&self) -> String {
        self.handle.render()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_described_is_in_order_and_there_once() {
        let names = DESCRIPTIONS.map(|(name, _)| name);
        assert!(names.is_sorted_by(|one, other| one < other), "{names:?}");
    }
}
