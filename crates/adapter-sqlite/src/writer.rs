//! The writer thread: the one connection that changes anything.
//!
//! Jobs that wait together are committed together: what a durable commit costs is mostly one flush to the
//! disk, however much is in it. Each job has a savepoint of its own, so that one that fails undoes itself
//! only, and nobody is answered before the commit.

use crate::error::{Failure, unavailable};
use crate::job::attempt;
use crossbeam_channel::Receiver;
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use gatewright_application::ports::error::PortError;
use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

/// Most jobs in one commit: nobody waits for more than these before their own.
const MAX_JOBS_A_COMMIT: usize = 128;

/// A change that waits for its turn.
pub(crate) type WriteJob = Box<dyn FnOnce(&mut SqliteConnection) -> Done + Send>;

/// Answers a job's caller, given how the commit went.
type Answer = Box<dyn FnOnce(Result<(), PortError>)>;

/// A job that has run but is not committed yet.
pub(crate) struct Done {
    failure: Option<PortError>,
    answer: Answer,
}

/// Makes `work` a job that answers to `answer`, once it is told how the commit went. It is skipped where its caller is
/// gone, or has set `begun` before it.
pub(crate) fn write_job<T: Send + 'static>(
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    answer: oneshot::Sender<Result<T, PortError>>,
    begun: Arc<AtomicBool>,
) -> WriteJob {
    Box::new(move |connection| {
        let result = if answer.is_closed() || begun.swap(true, Ordering::AcqRel) {
            Err(unavailable("nobody waits for it any more"))
        } else {
            attempt(connection, work)
        };
        Done {
            failure: result.as_ref().err().cloned(),
            answer: Box::new(move |committed| {
                // A caller who is gone by now needs no answer.
                let _ = answer.send(committed.and(result));
            }),
        }
    })
}

/// Does jobs until their queue is closed and empty.
pub(crate) fn serve(mut connection: SqliteConnection, jobs: &Receiver<WriteJob>) {
    while let Ok(first) = jobs.recv() {
        match connection.batch_execute("begin immediate") {
            Ok(()) => {
                let together = iter::once(first).chain(jobs.try_iter()).take(MAX_JOBS_A_COMMIT);
                commit_together(&mut connection, together);
            }
            Err(error) => {
                // Whoever waits has waited as long for the lock as this one: dropping a job answers its caller.
                let given_up = 1 + jobs.try_iter().count();
                tracing::error!(%error, given_up, "the database cannot be locked for writing");
            }
        }
    }
}

fn commit_together(connection: &mut SqliteConnection, jobs: impl Iterator<Item = WriteJob>) {
    let mut answers = Vec::new();
    let committed = run_and_commit(connection, jobs, &mut answers).map_err(|failure| {
        let error = PortError::from(failure);
        tracing::error!(%error, jobs = answers.len(), "a commit failed and all of it was undone");
        // Where the failure ended the transaction by itself there is nothing left to roll back.
        let _ = connection.batch_execute("rollback");
        error
    });
    for answer in answers {
        answer(committed.clone());
    }
}

fn run_and_commit(
    connection: &mut SqliteConnection,
    jobs: impl Iterator<Item = WriteJob>,
    answers: &mut Vec<Answer>,
) -> Result<(), Failure> {
    for job in jobs {
        connection.batch_execute("savepoint job")?;
        let Done { failure, answer } = job(connection);
        answers.push(answer);
        match failure {
            None => connection.batch_execute("release job")?,
            // A full disk ends the whole transaction; then there is no savepoint left to go back to.
            Some(error) => connection
                .batch_execute("rollback to job; release job")
                .map_err(|_| error)?,
        }
    }
    Ok(connection.batch_execute("commit")?)
}

#[cfg(test)]
mod tests;
