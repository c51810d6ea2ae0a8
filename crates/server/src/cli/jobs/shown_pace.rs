//! A job that somebody watches.

use crate::exit::Failure;
use crate::terminal;
use crate::terminations::Terminations;
use async_trait::async_trait;
use gatewright_application::ports::job_pace::{JobPace, JobProgress};
use gatewright_scheduler::rest_after;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// How often it says how far it is.
const TELL_EVERY: Duration = Duration::from_secs(2);

/// Leaves the database to the requests as a scheduler does, says how far the run is, and ends it where somebody presses Ctrl-C.
pub(super) struct ShownPace {
    stopping: watch::Receiver<bool>,
    told_at: Mutex<Instant>,
}

impl ShownPace {
    pub(super) fn start() -> Result<Self, Failure> {
        let mut terminations = Terminations::listen().map_err(Failure::other)?;
        let (stop, stopping) = watch::channel(false);
        tokio::spawn(async move {
            terminations.next().await;
            terminal::remark("stopping after this batch");
            stop.send_replace(true);
        });
        Ok(Self {
            stopping,
            told_at: Mutex::new(Instant::now()),
        })
    }

    fn tell(&self, progress: JobProgress) {
        let mut told_at = self.told_at.lock().unwrap_or_else(PoisonError::into_inner);
        if told_at.elapsed() >= TELL_EVERY {
            *told_at = Instant::now();
            terminal::remark(&format!("{} so far", progress.handled));
        }
    }
}

#[async_trait]
impl JobPace for ShownPace {
    async fn rest(&self, progress: JobProgress) -> ControlFlow<()> {
        self.tell(progress);
        sleep(rest_after(progress.last_batch.unsigned_abs())).await;
        if *self.stopping.borrow() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}
