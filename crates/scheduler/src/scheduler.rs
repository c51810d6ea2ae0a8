//! The scheduler of one process.

use crate::job_looks::JobLooks;
use crate::mail_dispatch::{MailSignal, send_mails};
use crate::stop_signal::StopSignal;
use gatewright_application::jobs::run_job::RunJob;
use gatewright_application::mail::dispatch_mail::DispatchMail;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// What there is to do.
#[derive(Clone)]
pub struct Work {
    /// Runs jobs.
    pub run_job: RunJob,
    /// Sends mails.
    pub dispatch_mail: DispatchMail,
    /// Wakes the sending of mails; only where requests are served by the same process does anybody.
    pub mail_signal: Arc<MailSignal>,
    /// Whether no other process can be sending mails from this outbox. Then those that an earlier one held leave at once, and do
    /// not wait for its lease to run out.
    pub sends_alone: bool,
}

/// How time passes for a scheduler.
#[derive(Debug, Clone, Copy)]
pub struct SchedulerOptions {
    /// How often it looks whether a job is due, and so how long a job waits that is, or that a killed process held. Whole
    /// seconds, at least one.
    pub look_every: Duration,
    /// Each look comes up to this much later, by chance: processes that were started together must not all ask together.
    pub spread: Duration,
    /// How long [`Scheduler::stop`] waits for what is under way. It goes well below 30 s, after which most process managers kill.
    pub stop_within: Duration,
}

impl Default for SchedulerOptions {
    fn default() -> Self {
        Self {
            look_every: Duration::from_secs(20),
            spread: Duration::from_secs(5),
            stop_within: Duration::from_secs(20),
        }
    }
}

/// The scheduler of one process. It goes on until [`stop`](Self::stop), or until this is dropped, which breaks it off; what it breaks
/// off is taken up again, by another process when its lease runs out.
#[derive(Debug)]
pub struct Scheduler {
    stop: watch::Sender<bool>,
    stop_within: Duration,
    tasks: JoinSet<()>,
}

impl Scheduler {
    /// Starts it on the present tokio runtime.
    #[must_use]
    pub fn start(work: Work, options: SchedulerOptions) -> Self {
        let (stop, stopping) = StopSignal::new();
        let mut tasks = JoinSet::new();
        let secrets = Arc::clone(&work.dispatch_mail.secrets);
        tasks.spawn(JobLooks::new(work.run_job, secrets, options, stopping.clone()).go_on());
        tasks.spawn(send_mails(
            work.dispatch_mail,
            work.mail_signal,
            work.sends_alone,
            stopping,
        ));
        Self {
            stop,
            stop_within: options.stop_within,
            tasks,
        }
    }

    /// Begins nothing more, sends the mails that are due, gives the jobs under way back, and ends. What takes longer than it may is broken
    /// off.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(self.stop_within, ended).await.is_err() {
            tracing::warn!("background work took too long to stop and is broken off");
            self.tasks.shutdown().await;
        }
    }
}
