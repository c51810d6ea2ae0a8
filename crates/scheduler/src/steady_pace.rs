//! How a job under way leaves the database to the requests.

use crate::stop_signal::StopSignal;
use async_trait::async_trait;
use gatewright_application::ports::job_pace::{JobPace, JobProgress};
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::time::sleep;

/// The shortest rest between two batches.
const SHORTEST_REST: Duration = Duration::from_millis(20);
/// The longest: the lease has to be renewed in time.
const LONGEST_REST: Duration = Duration::from_secs(5);
/// How many times as long as a batch took it rests. So a database that is slow, as it is under load, is asked less often, and of its
/// time a job has one part in ten at most.
const REST_TO_WORK: u32 = 9;

/// Rests between batches, and ends a run when the scheduler stops.
pub(crate) struct SteadyPace {
    stopping: StopSignal,
}

impl SteadyPace {
    pub(crate) fn new(stopping: StopSignal) -> Self {
        Self { stopping }
    }

    /// Waits for `span`; `Break` where the scheduler stops.
    pub(crate) async fn pause(&self, span: Duration) -> ControlFlow<()> {
        tokio::select! {
            biased;
            () = self.stopping.set() => ControlFlow::Break(()),
            () = sleep(span) => ControlFlow::Continue(()),
        }
    }
}

#[async_trait]
impl JobPace for SteadyPace {
    async fn rest(&self, progress: JobProgress) -> ControlFlow<()> {
        self.pause(rest_after(progress.last_batch.unsigned_abs())).await
    }
}

/// How long a job rests after a batch that took so long.
#[must_use]
pub fn rest_after(batch: Duration) -> Duration {
    batch.saturating_mul(REST_TO_WORK).clamp(SHORTEST_REST, LONGEST_REST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_database_is_left_alone_for_longer() {
        assert_eq!(rest_after(Duration::ZERO), SHORTEST_REST);
        assert_eq!(rest_after(Duration::from_millis(10)), Duration::from_millis(90));
        assert_eq!(rest_after(Duration::from_mins(1)), LONGEST_REST);
    }
}
