//! Sending mails as they come.

use crate::outage::Outage;
use crate::stop_signal::StopSignal;
use gatewright_application::mail::dispatch_mail::{DispatchMail, DispatchReport};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::outbox_signal::OutboxSignal;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval};

/// How often somebody looks for mails that nobody announced: retries, and those of other processes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How many runs there are at once. A run ends when its last mail does, and that one may be waiting for a server that does not answer:
/// what comes meanwhile leaves with another run.
const MOST_RUNS: usize = 4;

/// Wakes the sending of mails in the same process.
#[derive(Debug, Default)]
pub struct MailSignal(Notify);

impl OutboxSignal for MailSignal {
    fn mail_enqueued(&self) {
        self.0.notify_one();
    }
}

/// Sends until it is stopped, and then once more what is due by then.
pub(crate) async fn send_mails(
    dispatch: DispatchMail,
    signal: Arc<MailSignal>,
    sends_alone: bool,
    stopping: StopSignal,
) {
    if sends_alone && let Err(error) = dispatch.take_over().await {
        tracing::warn!(%error, "mails that an earlier process held wait for the end of their lease");
    }
    let mut runs = Runs::of(dispatch);
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        // Where there are enough, an announcement waits until there is room for another.
        let has_room = runs.under_way.len() < MOST_RUNS;
        tokio::select! {
            () = stopping.set() => break,
            () = signal.0.notified(), if has_room => runs.begin(),
            _ = looks.tick(), if has_room => runs.begin(),
            Some(ended) = runs.under_way.join_next() => runs.ended(ended),
        }
    }
    runs.begin();
    while let Some(ended) = runs.under_way.join_next().await {
        runs.ended(ended);
    }
}

/// The runs under way, each on a task of its own: a panic there must not end the sending of mails. They end with their owner.
struct Runs {
    dispatch: DispatchMail,
    outage: Outage,
    under_way: JoinSet<Result<DispatchReport, PortError>>,
}

impl Runs {
    fn of(dispatch: DispatchMail) -> Self {
        Self {
            dispatch,
            outage: Outage::of("sending mails"),
            under_way: JoinSet::new(),
        }
    }

    fn begin(&mut self) {
        let dispatch = self.dispatch.clone();
        self.under_way.spawn(async move { dispatch.execute().await });
    }

    fn ended(&self, ended: Result<Result<DispatchReport, PortError>, JoinError>) {
        match ended {
            Ok(Ok(_)) => self.outage.worked(),
            Ok(Err(error)) => self.outage.failed(&error),
            Err(error) => tracing::error!(%error, "sending mails failed"),
        }
    }
}
