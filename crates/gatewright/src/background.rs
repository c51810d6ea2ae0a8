//! Work beside the requests: mails and jobs, following key rotations, attending to the database.

use crate::wiring::signing_keys::KeyRingReload;
use crate::wiring::storage::{DataFolderLock, Database};
use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::uninterrupted::{Uninterrupted, Work};
use gatewright_scheduler::{Scheduler, SchedulerOptions, Work as ScheduledWork};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How often somebody looks for rotated keys.
const TICK: Duration = Duration::from_secs(1);

/// Runs work on a task of its own, which goes on when the request that caused it is gone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spawned;

#[async_trait]
impl Uninterrupted for Spawned {
    async fn run(&self, work: Work) -> Result<(), PortError> {
        tokio::spawn(work).await.map_err(|error| PortError::Unavailable {
            dependency: "database",
            reason: error.to_string(),
        })?
    }
}

/// What goes on beside the requests of one instance.
pub(crate) struct Beside {
    /// Sends mails and runs jobs, where that is not left to processes of their own.
    pub(crate) scheduled: Option<ScheduledWork>,
    pub(crate) database: Database,
    pub(crate) keys: Option<KeyRingReload>,
}

/// The background work of one instance. It goes on until [`stop`](Self::stop), or until this is dropped, which breaks it off;
/// what it breaks off is taken up again at the next start.
#[derive(Debug)]
pub struct BackgroundWork {
    _data_folder: Option<DataFolderLock>,
    scheduler: Option<Scheduler>,
    /// They have nothing to finish.
    attendants: JoinSet<()>,
}

impl BackgroundWork {
    /// Starts it on the present tokio runtime.
    pub(crate) fn start(data_folder: Option<DataFolderLock>, beside: Beside) -> Self {
        let mut attendants = JoinSet::new();
        if let Some(keys) = beside.keys {
            attendants.spawn(follow_key_rotations(keys));
        }
        if let Database::Postgres(database) = beside.database {
            attendants.spawn(async move { database.attend().await });
        }
        let scheduler = beside.scheduled.map(|work| Scheduler::start(work, options()));
        Self {
            _data_folder: data_folder,
            scheduler,
            attendants,
        }
    }

    /// Begins nothing more, sends what is due by now, and ends.
    pub async fn stop(mut self) {
        if let Some(scheduler) = self.scheduler.take() {
            scheduler.stop().await;
        }
        self.attendants.shutdown().await;
    }
}

/// Whoever stops a process kills it half a minute later, and requests may take most of that.
fn options() -> SchedulerOptions {
    SchedulerOptions {
        stop_within: Duration::from_secs(8),
        ..SchedulerOptions::default()
    }
}

async fn follow_key_rotations(keys: KeyRingReload) {
    loop {
        keys.reload_if_changed();
        sleep(TICK).await;
    }
}
