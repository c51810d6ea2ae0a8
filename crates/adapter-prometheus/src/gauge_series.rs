//! What gauges are called.

use gatewright_application::ports::gauges::Gauge;
use metrics::Label;

/// The name of a gauge and its label, if it has one.
pub(crate) fn name_of(gauge: Gauge) -> (&'static str, Vec<Label>) {
    let state = |state| vec![Label::from_static_parts("state", state)];
    match gauge {
        Gauge::HttpConnections => ("gatewright_http_connections", Vec::new()),
        Gauge::HttpRequestsInFlight => ("gatewright_http_requests_in_flight", Vec::new()),
        Gauge::PasswordHashQueueDepth => ("gatewright_password_hash_queue_depth", Vec::new()),
        Gauge::PasswordHashThreadsBusy => ("gatewright_password_hash_threads_busy", Vec::new()),
        Gauge::DatabasePoolIdle => ("gatewright_database_pool_connections", state("idle")),
        Gauge::DatabasePoolInUse => ("gatewright_database_pool_connections", state("in_use")),
        Gauge::DatabasePoolWaiting => ("gatewright_database_pool_waiting", Vec::new()),
        Gauge::RedisUp => ("gatewright_redis_up", Vec::new()),
        Gauge::RedisBreakerOpen => ("gatewright_redis_breaker_open", Vec::new()),
        Gauge::OutboxWaiting => ("gatewright_outbox_mails", state("waiting")),
        Gauge::OutboxParked => ("gatewright_outbox_mails", state("parked")),
        Gauge::OutboxOldestDueAge => ("gatewright_outbox_oldest_due_age_seconds", Vec::new()),
    }
}
