//! What goes on between two batches of a job.

use crate::jobs::job::Job;
use async_trait::async_trait;
use gatewright_domain::Duration;
use std::ops::ControlFlow;

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobProgress {
    /// Of which job.
    pub job: Job,
    /// Things done since the run began.
    pub handled: u64,
    /// How long the last batch took.
    pub last_batch: Duration,
}

/// Paces a run: whoever drives it lets the requests have the database meanwhile, shows how far it is, or wants it to stop.
#[async_trait]
pub trait JobPace: Send + Sync {
    /// Called after each batch that another follows. Comes back after a rest; `Break` ends the run where it is, and the next one goes on
    /// from there.
    async fn rest(&self, progress: JobProgress) -> ControlFlow<()>;
}
