//! Looking for due jobs, and running those that this process gets.

use crate::job_clock::{JobClock, job_clock};
use crate::outage::Outage;
use crate::scheduler::SchedulerOptions;
use crate::steady_pace::SteadyPace;
use crate::stop_signal::StopSignal;
use gatewright_application::jobs::job::Job;
use gatewright_application::jobs::run_job::{Occasion, RunJob};
use gatewright_application::ports::secrets::Secrets;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::interval;

/// clokwerk knows nothing finer.
const TICK: Duration = Duration::from_secs(1);

/// Looks at each job in turn. One look is a task of its own: a slow job holds up no other, and one that panics ends alone.
pub(crate) struct JobLooks {
    run_job: RunJob,
    secrets: Arc<dyn Secrets>,
    spread: Duration,
    stopping: StopSignal,
    clock: JobClock,
    due: UnboundedReceiver<Job>,
    looks: JoinSet<()>,
    outage: Arc<Outage>,
    /// Whose look is under way here. The lease would not let a second one have the job, but it need not ask.
    under_way: HashMap<Id, Job>,
}

impl JobLooks {
    pub(crate) fn new(
        run_job: RunJob,
        secrets: Arc<dyn Secrets>,
        options: SchedulerOptions,
        stopping: StopSignal,
    ) -> Self {
        let (sender, due) = unbounded_channel();
        Self {
            run_job,
            secrets,
            spread: options.spread,
            stopping,
            clock: job_clock(options.look_every, &sender),
            due,
            looks: JoinSet::new(),
            outage: Arc::new(Outage::of("running jobs")),
            under_way: HashMap::new(),
        }
    }

    /// Goes on until it is stopped; then waits for what is under way, which gives its jobs back.
    pub(crate) async fn go_on(mut self) {
        // Not only when the clock comes round: a process that never lives that long would do nothing.
        for job in Job::ALL {
            self.look_at(job);
        }
        let (mut ticks, stopping) = (interval(TICK), self.stopping.clone());
        loop {
            tokio::select! {
                () = stopping.set() => break,
                _ = ticks.tick() => self.clock.run_pending().await,
                Some(job) = self.due.recv() => self.look_at(job),
                Some(ended) = self.looks.join_next_with_id() => self.ended(ended),
            }
        }
        while let Some(ended) = self.looks.join_next_with_id().await {
            self.ended(ended);
        }
    }

    fn look_at(&mut self, job: Job) {
        if self.under_way.values().any(|other| *other == job) {
            return;
        }
        let (run_job, delay) = (self.run_job.clone(), self.delay());
        let pace = SteadyPace::new(self.stopping.clone());
        let outage = Arc::clone(&self.outage);
        let look = self.looks.spawn(async move {
            if pace.pause(delay).await.is_break() {
                return;
            }
            match run_job.execute(job, Occasion::Schedule, &pace).await {
                Ok(_) => outage.worked(),
                Err(error) => outage.failed(&error),
            }
        });
        self.under_way.insert(look.id(), job);
    }

    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match &ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        let job = self.under_way.remove(&id);
        if let Err(error) = ended {
            // Its lease runs out, and then somebody tries again.
            tracing::error!(job = job.map(Job::as_str), %error, "a job panicked");
        }
    }

    /// Some part of the spread: ids are made of chance.
    fn delay(&self) -> Duration {
        let (_, random) = self.secrets.new_id(self.run_job.clock.now()).as_u64_pair();
        let spread = u64::try_from(self.spread.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(random.checked_rem(spread).unwrap_or(0))
    }
}
