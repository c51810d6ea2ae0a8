//! How many mails wait, for whoever measures.

use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::gauges::{AskedGaugeSource, Gauge};
use crate::ports::outbox::Outbox;
use async_trait::async_trait;
use gatewright_domain::Duration;
use std::sync::Arc;

/// Asks the outbox.
#[derive(Clone)]
pub struct OutboxGauges {
    /// Where mails wait.
    pub outbox: Arc<dyn Outbox>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl AskedGaugeSource for OutboxGauges {
    async fn ask(&self) -> Result<Vec<(Gauge, f64)>, PortError> {
        let now = self.clock.now();
        let backlog = self.outbox.backlog(now).await?;
        let overdue = backlog.oldest_due_at.map_or(Duration::ZERO, |due_at| now - due_at);
        Ok(vec![
            (Gauge::OutboxWaiting, backlog.waiting.into()),
            (Gauge::OutboxParked, backlog.parked.into()),
            (Gauge::OutboxOldestDueAge, overdue.max(Duration::ZERO).as_seconds_f64()),
        ])
    }
}
