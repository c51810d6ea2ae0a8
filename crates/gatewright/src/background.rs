//! Work beside the requests: sending mails, following key rotations.

use crate::wiring::signing_keys::KeyRingReload;
use crate::wiring::storage::DataFolderLock;
use async_trait::async_trait;
use gatewright_application::mail::dispatch_mail::{BATCH, DispatchMail};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::outbox_signal::OutboxSignal;
use gatewright_application::ports::uninterrupted::{Uninterrupted, Work};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How often somebody looks for mails that nobody announced (retries, another process's) and for rotated keys.
const TICK: Duration = Duration::from_secs(1);

/// Wakes the dispatcher of the same process.
#[derive(Debug, Default)]
pub(crate) struct MailSignal(Notify);

impl OutboxSignal for MailSignal {
    fn mail_enqueued(&self) {
        self.0.notify_one();
    }
}

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

/// The background work of one instance. It goes on until [`stop`](Self::stop), or until this is dropped, which breaks it off;
/// what it breaks off is taken up again at the next start.
#[derive(Debug)]
pub struct BackgroundWork {
    _data_folder: DataFolderLock,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl BackgroundWork {
    /// Starts it on the present tokio runtime.
    pub(crate) fn start(
        data_folder: DataFolderLock,
        dispatch: DispatchMail,
        signal: Arc<MailSignal>,
        keys: Option<KeyRingReload>,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        if let Some(keys) = keys {
            tasks.spawn(follow_key_rotations(keys, stopped.clone()));
        }
        tasks.spawn(send_mails(dispatch, signal, stopped));
        Self {
            _data_folder: data_folder,
            stop,
            tasks,
        }
    }

    /// Sends what is due by now, and ends.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.tasks.join_all().await;
    }
}

async fn send_mails(dispatch: DispatchMail, signal: Arc<MailSignal>, mut stopped: watch::Receiver<bool>) {
    // The lock on the data folder says that nobody else is sending.
    if let Err(error) = dispatch.take_over().await {
        tracing::warn!(%error, "mails that an earlier process held wait for the end of their lease");
    }
    loop {
        let is_last = *stopped.borrow_and_update();
        // On a task of its own: a panic there must not end the sending of mails.
        if let Err(error) = tokio::spawn(send_due_mails(dispatch.clone())).await {
            tracing::error!(%error, "sending mails failed");
        }
        if is_last {
            return;
        }
        tokio::select! {
            () = signal.0.notified() => {}
            () = sleep(TICK) => {}
            _ = stopped.changed() => {}
        }
    }
}

async fn send_due_mails(dispatch: DispatchMail) {
    loop {
        match dispatch.execute().await {
            Ok(report) if report.total() < BATCH => return,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be reached");
                return;
            }
        }
    }
}

async fn follow_key_rotations(keys: KeyRingReload, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow_and_update() {
        keys.reload_if_changed();
        tokio::select! {
            () = sleep(TICK) => {}
            _ = stopped.changed() => {}
        }
    }
}
