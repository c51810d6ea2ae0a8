//! The line in front of the hashing threads.

use crate::password_hashing::hash_memory::HashMemory;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Work for a hashing thread.
pub(crate) type Job = Box<dyn FnOnce(&mut HashMemory) + Send>;

/// How much the hashing threads have to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashPoolLoad {
    /// Jobs that wait.
    pub queued: usize,
    /// Threads at work.
    pub busy: usize,
}

/// First come, first served, for so many and no more.
pub(crate) struct HashQueue {
    line: Mutex<Line>,
    changed: Condvar,
    capacity: usize,
}

/// Names a place in the line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

#[derive(Default)]
struct Line {
    waiting: VecDeque<(Ticket, Job)>,
    tickets: u64,
    busy: usize,
    closed: bool,
}

impl HashQueue {
    /// A line for `capacity` jobs.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            line: Mutex::default(),
            changed: Condvar::new(),
            capacity,
        }
    }

    /// Takes the last place; `None` where the line is full.
    pub(crate) fn join(&self, job: Job) -> Option<Ticket> {
        let mut line = self.line();
        if line.waiting.len() >= self.capacity {
            return None;
        }
        line.tickets += 1;
        let ticket = Ticket(line.tickets);
        line.waiting.push_back((ticket, job));
        self.changed.notify_one();
        Some(ticket)
    }

    /// Leaves the line, job and all; `false` where the job has begun.
    pub(crate) fn leave(&self, ticket: Ticket) -> bool {
        let mut line = self.line();
        let place = line.waiting.iter().position(|(other, _)| *other == ticket);
        place.and_then(|place| line.waiting.remove(place)).is_some()
    }

    /// The first job, once there is one; for a thread, which says [`done`](Self::done) after it. `None` where the
    /// thread is to end.
    pub(crate) fn next(&self) -> Option<Job> {
        let nothing_to_do = |line: &mut Line| line.waiting.is_empty() && !line.closed;
        let woken = self.changed.wait_while(self.line(), nothing_to_do);
        let mut line = woken.unwrap_or_else(PoisonError::into_inner);
        let (_, job) = line.waiting.pop_front()?;
        line.busy += 1;
        Some(job)
    }

    /// A job is over.
    pub(crate) fn done(&self) {
        self.line().busy -= 1;
    }

    /// Sends everybody home: who waits is dropped, threads end.
    pub(crate) fn close(&self) {
        let mut line = self.line();
        line.closed = true;
        line.waiting.clear();
        self.changed.notify_all();
    }

    /// How long the line is.
    pub(crate) fn load(&self) -> HashPoolLoad {
        let line = self.line();
        HashPoolLoad {
            queued: line.waiting.len(),
            busy: line.busy,
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Box::new(|_| ())
    }

    #[test]
    fn f28_a_full_line_takes_nobody() {
        let queue = HashQueue::new(2);
        assert!(queue.join(job()).is_some() && queue.join(job()).is_some());
        assert!(queue.join(job()).is_none());
        assert!(queue.next().is_some());
        assert!(queue.join(job()).is_some());
    }

    #[test]
    fn who_leaves_makes_room_and_takes_the_job_along() {
        let queue = HashQueue::new(1);
        let ticket = queue.join(job()).unwrap();
        assert!(queue.leave(ticket));
        assert!(!queue.leave(ticket));
        assert_eq!(queue.load(), HashPoolLoad { queued: 0, busy: 0 });
        assert!(queue.join(job()).is_some());
    }

    #[test]
    fn a_job_that_has_begun_cannot_leave() {
        let queue = HashQueue::new(1);
        let ticket = queue.join(job()).unwrap();
        assert!(queue.next().is_some());
        assert!(!queue.leave(ticket));
        assert_eq!(queue.load(), HashPoolLoad { queued: 0, busy: 1 });
        queue.done();
        assert_eq!(queue.load(), HashPoolLoad { queued: 0, busy: 0 });
    }

    #[test]
    fn a_closed_line_ends_its_threads_and_drops_who_waits() {
        let queue = HashQueue::new(1);
        queue.join(job());
        queue.close();
        assert_eq!(queue.load().queued, 0);
        assert!(queue.next().is_none());
    }
}
