//! Doing many things at the same moment.

use std::sync::Arc;
use tokio::sync::Barrier;

/// Runs `count` tasks, lets them all begin at once, and collects what they answer.
pub(crate) async fn all_at_once<T, F, Fut>(count: usize, task: F) -> Vec<T>
where
    T: Send + 'static,
    F: Fn(usize) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(count));
    let start = |number| {
        let (task, barrier) = (task(number), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            task.await
        })
    };
    let tasks: Vec<_> = (0..count).map(start).collect();
    let mut answers = Vec::with_capacity(count);
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}
