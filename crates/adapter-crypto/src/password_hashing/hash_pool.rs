//! Threads that hash.

use crate::password_hashing::hash_memory::HashMemory;
use crate::password_hashing::hash_queue::{HashPoolLoad, HashQueue, Ticket};
use gatewright_application::ports::error::PortError;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// When somebody who was turned away may come again.
const RETRY_AFTER: gatewright_domain::Duration = gatewright_domain::Duration::seconds(1);

/// Threads of their own for hashing, a bounded line in front of them, and a bounded wait in it.
pub(crate) struct HashPool {
    queue: Arc<HashQueue>,
    wait: Duration,
    threads: Vec<JoinHandle<()>>,
}

impl HashPool {
    /// Starts so many threads; `queue` jobs may wait for one, each no longer than `wait`.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(crate) fn start(threads: NonZeroUsize, queue: usize, wait: Duration) -> io::Result<Self> {
        let mut pool = Self {
            queue: Arc::new(HashQueue::new(queue)),
            wait,
            threads: Vec::new(),
        };
        for number in 1..=threads.get() {
            let queue = Arc::clone(&pool.queue);
            let thread = thread::Builder::new().name(format!("hash-{number}"));
            pool.threads.push(thread.spawn(move || serve(&queue))?);
        }
        Ok(pool)
    }

    /// Runs `work` on a thread of the pool. Who drops the future leaves the line; work that has begun is finished.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut HashMemory) -> T + Send + 'static,
    ) -> Result<T, PortError> {
        let overloaded = PortError::Overloaded {
            retry_after: RETRY_AFTER,
        };
        let (sender, mut answer) = oneshot::channel();
        let job = Box::new(move |memory: &mut HashMemory| {
            let _ = sender.send(work(memory));
        });
        let Some(ticket) = self.queue.join(job) else {
            return Err(overloaded);
        };
        let place = Place {
            queue: &self.queue,
            ticket,
        };
        let answer = match timeout(self.wait, &mut answer).await {
            Ok(answer) => answer,
            Err(_) if place.leave() => return Err(overloaded),
            Err(_) => answer.await,
        };
        answer.map_err(|_| PortError::Unavailable {
            dependency: "password hashing",
            reason: "the thread gave no answer".to_owned(),
        })
    }

    /// How much there is to do.
    pub(crate) fn load(&self) -> HashPoolLoad {
        self.queue.load()
    }
}

impl Drop for HashPool {
    /// Waits for the hashes at hand, which is at most one for each thread.
    fn drop(&mut self) {
        self.queue.close();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// A caller's place in the line, left at the latest when it is dropped.
struct Place<'a> {
    queue: &'a HashQueue,
    ticket: Ticket,
}

impl Place<'_> {
    fn leave(&self) -> bool {
        self.queue.leave(self.ticket)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// A thread's life.
fn serve(queue: &HashQueue) {
    let mut memory = HashMemory::default();
    while let Some(job) = queue.next() {
        if catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
            tracing::error!("a password hash panicked; its caller was told that hashing is unavailable");
        }
        queue.done();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::pin::{Pin, pin};
    use std::sync::mpsc;
    use std::task::Poll;

    const A_LONG_TIME: Duration = Duration::from_hours(1);

    fn pool(queue: usize, wait: Duration) -> HashPool {
        HashPool::start(NonZeroUsize::MIN, queue, wait).unwrap()
    }

    /// Work that has begun when `begun` hears of it and ends when `gate` is dropped.
    struct Gated {
        begun: oneshot::Receiver<()>,
        gate: mpsc::Sender<()>,
    }

    fn gated() -> (impl FnOnce(&mut HashMemory) -> &'static str + Send, Gated) {
        let (announce, begun) = oneshot::channel();
        let (gate, opened) = mpsc::channel();
        let work = move |_: &mut HashMemory| {
            announce.send(()).unwrap();
            opened.recv().unwrap_err();
            "done"
        };
        (work, Gated { begun, gate })
    }

    /// Goes on with a future as far as it comes now; it must not be ready.
    async fn begin(future: &mut Pin<&mut impl Future>) {
        let pending = poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await;
        assert!(pending);
    }

    fn is_overloaded<T>(answer: &Result<T, PortError>) -> bool {
        matches!(answer, Err(PortError::Overloaded { .. }))
    }

    #[tokio::test]
    async fn the_callers_thread_goes_on_while_a_hash_is_computed() {
        let pool = pool(1, A_LONG_TIME);
        let (work, running) = gated();
        let mut hash = pin!(pool.run(work));
        begin(&mut hash).await;
        running.begun.await.unwrap();
        assert_eq!(pool.load(), HashPoolLoad { queued: 0, busy: 1 });
        drop(running.gate);
        assert_eq!(hash.await, Ok("done"));
    }

    #[tokio::test]
    async fn f28_beyond_the_queue_the_answer_is_overloaded_and_later_it_is_not() {
        let pool = pool(1, A_LONG_TIME);
        let (work, running) = gated();
        let mut hash = pin!(pool.run(work));
        begin(&mut hash).await;
        running.begun.await.unwrap();
        let mut waiting = pin!(pool.run(|_| "second"));
        begin(&mut waiting).await;
        assert!(is_overloaded(&pool.run(|_| "third").await));
        drop(running.gate);
        assert_eq!((hash.await, waiting.await), (Ok("done"), Ok("second")));
        assert_eq!(pool.run(|_| "third").await, Ok("third"));
    }

    #[tokio::test]
    async fn a_caller_who_goes_away_frees_the_place_and_is_not_hashed_for() {
        let pool = pool(1, A_LONG_TIME);
        let (work, running) = gated();
        let mut hash = pin!(pool.run(work));
        begin(&mut hash).await;
        running.begun.await.unwrap();
        let (hashed, was_hashed) = mpsc::channel();
        {
            let mut leaving = pin!(pool.run(move |_| hashed.send(())));
            begin(&mut leaving).await;
            assert_eq!(pool.load().queued, 1);
        }
        assert_eq!(pool.load().queued, 0);
        let mut next = pin!(pool.run(|_| "next"));
        begin(&mut next).await;
        drop(running.gate);
        assert_eq!(next.await, Ok("next"));
        assert!(was_hashed.recv().is_err());
    }

    #[tokio::test]
    async fn who_has_waited_long_enough_is_told_to_come_again() {
        let pool = pool(1, Duration::ZERO);
        let (work, running) = gated();
        pool.queue.join(Box::new(move |memory| {
            work(memory);
        }));
        running.begun.await.unwrap();
        assert!(is_overloaded(&pool.run(|_| ()).await));
        assert_eq!(pool.load().queued, 0);
        drop(running.gate);
    }

    #[tokio::test]
    async fn a91_a_panic_in_one_hash_leaves_the_others_alone() {
        let pool = pool(1, A_LONG_TIME);
        let answer: Result<(), PortError> = pool.run(|_| panic!("for the test")).await;
        assert!(matches!(answer, Err(PortError::Unavailable { .. })));
        assert_eq!(pool.run(|_| "next").await, Ok("next"));
    }

    #[tokio::test]
    async fn the_same_memory_serves_hash_after_hash() {
        let pool = pool(1, A_LONG_TIME);
        let address = |memory: &mut HashMemory| memory.at_least(8).as_ptr().addr();
        assert_eq!(pool.run(address).await, pool.run(address).await);
    }

    #[tokio::test]
    async fn the_threads_end_with_the_pool() {
        let pool = pool(1, A_LONG_TIME);
        pool.run(|_| ()).await.unwrap();
        let queue = Arc::downgrade(&pool.queue);
        drop(pool);
        assert_eq!(queue.strong_count(), 0);
    }
}
