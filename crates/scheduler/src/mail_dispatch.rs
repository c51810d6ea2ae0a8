//! Sending mails as they come.

use crate::outage::Outage;
use crate::stop_signal::StopSignal;
use gatewright_application::mail::dispatch_mail::DispatchMail;
use gatewright_application::ports::outbox_signal::OutboxSignal;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How often somebody looks for mails that nobody announced: retries, and those of other processes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

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
    let outage = Outage::of("sending mails");
    loop {
        let is_last = stopping.is_set();
        send_due_mails(&dispatch, &outage).await;
        if is_last {
            return;
        }
        tokio::select! {
            () = signal.0.notified() => {}
            () = sleep(LOOK_EVERY) => {}
            () = stopping.set() => {}
        }
    }
}

/// On a task of its own: a panic there must not end the sending of mails. It ends with its caller.
async fn send_due_mails(dispatch: &DispatchMail, outage: &Outage) {
    let (mut run, dispatch) = (JoinSet::new(), dispatch.clone());
    run.spawn(async move { dispatch.execute().await });
    match run.join_next().await {
        None | Some(Ok(Ok(_))) => outage.worked(),
        Some(Ok(Err(error))) => outage.failed(&error),
        Some(Err(error)) => tracing::error!(%error, "sending mails failed"),
    }
}
