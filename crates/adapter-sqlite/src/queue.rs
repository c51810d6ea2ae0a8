//! A bounded line of jobs in front of the threads that own connections.

use crate::error::unavailable;
use crossbeam_channel::{Receiver, Sender, TrySendError};
use gatewright_application::ports::error::PortError;
use gatewright_domain::Duration as Span;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::oneshot::{self, error::RecvError};
use tokio::time::timeout;

/// When a caller who found the line full may try again: it is worked off in a fraction of that.
const RETRY_AFTER: Span = Span::SECOND;

/// Where jobs wait.
pub(crate) struct Queue<Job> {
    entrance: RwLock<Option<Sender<Job>>>,
    patience: Duration,
}

impl<Job> Queue<Job> {
    /// A line of at most `places` jobs, whose callers wait no longer than `patience`, and its other end.
    pub(crate) fn new(places: usize, patience: Duration) -> (Self, Receiver<Job>) {
        let (entrance, exit) = crossbeam_channel::bounded(places);
        let queue = Self {
            entrance: RwLock::new(Some(entrance)),
            patience,
        };
        (queue, exit)
    }

    /// Puts `job` in line and waits for its answer. A caller who stops waiting, here or because its own future is
    /// dropped, closes `answer`: a job not begun by then is skipped, one already begun runs to its end.
    pub(crate) async fn ask<T>(
        &self,
        job: Job,
        answer: oneshot::Receiver<Result<T, PortError>>,
    ) -> Result<T, PortError> {
        self.put_in_line(job)?;
        match timeout(self.patience, answer).await {
            Ok(answered) => outcome_of(answered),
            Err(_) => Err(unavailable(format!("no answer within {:?}", self.patience))),
        }
    }

    /// The same for a job that must not happen unnoticed: a caller out of patience and the job race for `begun`. Where
    /// the caller is first, the job is skipped and did not happen; where the job is, its caller hears what came of it.
    pub(crate) async fn ask_to_the_end<T>(
        &self,
        job: Job,
        mut answer: oneshot::Receiver<Result<T, PortError>>,
        begun: &AtomicBool,
    ) -> Result<T, PortError> {
        self.put_in_line(job)?;
        match timeout(self.patience, &mut answer).await {
            Ok(answered) => outcome_of(answered),
            Err(_) => self.take_back_or_wait_on(answer, begun).await,
        }
    }

    async fn take_back_or_wait_on<T>(
        &self,
        answer: oneshot::Receiver<Result<T, PortError>>,
        begun: &AtomicBool,
    ) -> Result<T, PortError> {
        if begun.swap(true, Ordering::AcqRel) {
            outcome_of(answer.await)
        } else {
            Err(unavailable(format!("not begun within {:?}", self.patience)))
        }
    }

    /// Takes no more jobs; those in line are still done.
    pub(crate) fn close(&self) {
        self.entrance.write().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn put_in_line(&self, job: Job) -> Result<(), PortError> {
        let entrance = self.entrance.read().unwrap_or_else(PoisonError::into_inner);
        let Some(entrance) = entrance.as_ref() else {
            return Err(unavailable("it was closed"));
        };
        entrance.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => PortError::Overloaded {
                retry_after: RETRY_AFTER,
            },
            TrySendError::Disconnected(_) => unavailable("its thread has ended"),
        })
    }
}

/// Whoever drops a job instead of doing it drops the other end of its answer.
fn outcome_of<T>(answered: Result<Result<T, PortError>, RecvError>) -> Result<T, PortError> {
    answered.unwrap_or_else(|_| Err(unavailable("the job was given up; the log says why")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    type Answer = Result<(), PortError>;

    fn line_of(places: usize) -> (Queue<oneshot::Sender<Answer>>, Receiver<oneshot::Sender<Answer>>) {
        Queue::new(places, Duration::ZERO)
    }

    async fn ask(queue: &Queue<oneshot::Sender<Answer>>) -> Answer {
        let (sender, answer) = oneshot::channel();
        queue.ask(sender, answer).await
    }

    #[tokio::test]
    async fn whoever_finds_the_line_full_is_sent_away_at_once() {
        let (queue, _exit) = line_of(1);
        assert!(matches!(ask(&queue).await, Err(PortError::Unavailable { .. })));
        let overloaded = PortError::Overloaded {
            retry_after: Span::SECOND,
        };
        assert_eq!(ask(&queue).await, Err(overloaded));
    }

    #[tokio::test]
    async fn whoever_runs_out_of_patience_leaves_a_job_that_can_tell() {
        let (queue, exit) = line_of(1);
        assert!(matches!(ask(&queue).await, Err(PortError::Unavailable { .. })));
        assert!(exit.recv().unwrap().is_closed());
    }

    #[tokio::test]
    async fn whoever_runs_out_of_patience_before_the_job_begins_takes_it_back() {
        let (queue, _exit) = line_of(1);
        let (begun, (sender, answer)) = (AtomicBool::new(false), oneshot::channel());
        let outcome = queue.ask_to_the_end(sender, answer, &begun).await;
        assert!(matches!(outcome, Err(PortError::Unavailable { .. })), "{outcome:?}");
        assert!(begun.into_inner(), "it would still be done");
    }

    #[test]
    fn whoever_runs_out_of_patience_after_the_job_began_waits_for_its_outcome() {
        let (queue, _exit) = line_of(1);
        let (begun, (sender, answer)) = (AtomicBool::new(true), oneshot::channel::<Answer>());
        let mut waiting = pin!(queue.take_back_or_wait_on(answer, &begun));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(waiting.as_mut().poll(&mut context), Poll::Pending);
        sender.send(Ok(())).unwrap();
        assert_eq!(waiting.as_mut().poll(&mut context), Poll::Ready(Ok(())));
    }

    #[tokio::test]
    async fn a_closed_line_keeps_its_jobs_and_takes_no_more() {
        let (queue, exit) = line_of(2);
        assert!(ask(&queue).await.is_err());
        queue.close();
        assert!(matches!(ask(&queue).await, Err(PortError::Unavailable { reason, .. }) if reason == "it was closed"));
        assert_eq!(exit.iter().count(), 1);
    }

    #[tokio::test]
    async fn a_thread_that_has_ended_is_noticed() {
        let (queue, exit) = line_of(1);
        drop(exit);
        assert!(matches!(ask(&queue).await, Err(PortError::Unavailable { .. })));
    }
}
