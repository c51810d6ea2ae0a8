//! Counting and timing.

use crate::prometheus_page::PrometheusPage;
use crate::registry::{JOB_DURATION, JOB_LAST_SUCCESS, Registry};
use crate::request_series::RequestSeries;
use gatewright_application::jobs::job::Job;
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::gauges::{AskedGaugeSource, GaugeSource};
use gatewright_application::ports::measurements::{AnsweredRequest, MailResult, Measurements, SignInOutcome};
use metrics::{Counter, Histogram, Label};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The [`Measurements`] port as counters and histograms that Prometheus collects from its [`page`](Self::page). Every name begins with
/// `gatewright_`. Handles are made once; what is called for each request takes a read lock and touches a few atomic numbers.
pub struct PrometheusMeasurements {
    registry: Arc<Registry>,
    clock: Arc<dyn Clock>,
    requests: RequestSeries,
    sign_ins: HashMap<SignInOutcome, Counter>,
    mails: HashMap<MailResult, Counter>,
    jobs: HashMap<Job, JobSeries>,
    hash_wait: Histogram,
    hash_duration: Histogram,
}

struct JobSeries {
    succeeded: Counter,
    failed: Counter,
    took: Histogram,
}

impl PrometheusMeasurements {
    /// Nothing counted yet, for a process of that version.
    #[must_use]
    pub fn new(version: &'static str, clock: Arc<dyn Clock>) -> Self {
        let registry = Registry::new();
        let version = vec![Label::from_static_parts("version", version)];
        registry.gauge("gatewright_build_info", version).set(1.0);
        let sign_ins = SignInOutcome::ALL.map(|outcome| {
            let label = Label::from_static_parts("outcome", outcome.as_str());
            (outcome, registry.counter("gatewright_sign_ins_total", vec![label]))
        });
        let mails = MailResult::ALL.map(|result| {
            let label = Label::from_static_parts("result", result.as_str());
            (result, registry.counter("gatewright_mails_total", vec![label]))
        });
        Self {
            sign_ins: sign_ins.into(),
            mails: mails.into(),
            jobs: Job::ALL.map(|job| (job, JobSeries::new(&registry, job))).into(),
            hash_wait: registry.histogram("gatewright_password_hash_wait_seconds", Vec::new()),
            hash_duration: registry.histogram("gatewright_password_hash_duration_seconds", Vec::new()),
            requests: RequestSeries::default(),
            registry: Arc::new(registry),
            clock,
        }
    }

    /// The page that shows all of this, and what `sources` and `asked` tell when somebody looks.
    #[must_use]
    pub fn page(&self, sources: Vec<Arc<dyn GaugeSource>>, asked: Vec<Arc<dyn AskedGaugeSource>>) -> PrometheusPage {
        PrometheusPage::new(Arc::clone(&self.registry), sources, asked)
    }
}

impl Measurements for PrometheusMeasurements {
    fn request_answered(&self, request: AnsweredRequest<'_>) {
        self.requests.answered(&self.registry, request);
        self.registry.observed();
    }

    fn sign_in(&self, outcome: SignInOutcome) {
        if let Some(counter) = self.sign_ins.get(&outcome) {
            counter.increment(1);
        }
    }

    fn password_hashed(&self, waited: Duration, took: Duration) {
        self.hash_wait.record(waited);
        self.hash_duration.record(took);
        self.registry.observed();
    }

    fn mail(&self, result: MailResult) {
        if let Some(counter) = self.mails.get(&result) {
            counter.increment(1);
        }
    }

    fn job_finished(&self, job: Job, succeeded: bool, took: Duration) {
        let Some(series) = self.jobs.get(&job) else {
            return;
        };
        series.took.record(took);
        self.registry.observed();
        if succeeded {
            series.succeeded.increment(1);
            // Not there before the first one: zero would be a success in 1970.
            let last_success = self.registry.gauge(JOB_LAST_SUCCESS, vec![job_label(job)]);
            last_success.set(seconds(self.clock.now().unix_timestamp_nanos() / 1000));
        } else {
            series.failed.increment(1);
        }
    }
}

impl JobSeries {
    fn new(registry: &Registry, job: Job) -> Self {
        let job = job_label(job);
        let runs = |result| {
            let labels = vec![job.clone(), Label::from_static_parts("result", result)];
            registry.counter("gatewright_job_runs_total", labels)
        };
        Self {
            succeeded: runs("succeeded"),
            failed: runs("failed"),
            took: registry.histogram(JOB_DURATION, vec![job.clone()]),
        }
    }
}

fn job_label(job: Job) -> Label {
    Label::from_static_parts("job", job.as_str())
}

/// Exact up to the year 2255.
#[expect(clippy::cast_precision_loss, reason = "2^53 microseconds reach far enough")]
fn seconds(micros: i128) -> f64 {
    micros as f64 / 1e6
}

#[cfg(test)]
mod tests;
