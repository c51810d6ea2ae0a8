//! What is kept of requests.

use crate::registry::Registry;
use gatewright_application::ports::measurements::AnsweredRequest;
use metrics::{Counter, Histogram, Label};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// Methods that are told by name; clients may write any word.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// One series for each route, method and status that occurred: routes are a closed set, methods are made one, and
/// statuses are ours.
#[derive(Default)]
pub(crate) struct RequestSeries(RwLock<HashMap<Occurrence, Series>>);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Occurrence {
    route: &'static str,
    method: &'static str,
    status: u16,
}

struct Series {
    answered: Counter,
    took: Histogram,
}

impl RequestSeries {
    /// Counts and times a request.
    pub(crate) fn answered(&self, registry: &Registry, request: AnsweredRequest<'_>) {
        let occurrence = Occurrence {
            route: request.route,
            method: METHODS
                .into_iter()
                .find(|method| *method == request.method)
                .unwrap_or("other"),
            status: request.status,
        };
        let seconds = request.took.as_secs_f64();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.get(&occurrence) {
            series.note(seconds);
            return;
        }
        drop(known);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let series = known
            .entry(occurrence)
            .or_insert_with(|| Series::new(registry, occurrence));
        series.note(seconds);
    }
}

impl Series {
    fn new(registry: &Registry, occurrence: Occurrence) -> Self {
        let route = Label::from_static_parts("route", occurrence.route);
        let labels = vec![
            route.clone(),
            Label::from_static_parts("method", occurrence.method),
            Label::new("status", occurrence.status.to_string()),
        ];
        Self {
            answered: registry.counter("gatewright_http_requests_total", labels),
            took: registry.histogram("gatewright_http_request_duration_seconds", vec![route]),
        }
    }

    fn note(&self, seconds: f64) {
        self.answered.increment(1);
        self.took.record(seconds);
    }
}
