//! The reader threads. Each owns a connection; a read is one statement, so it sees one state of the database.

use crate::error::Failure;
use crate::job::attempt;
use crossbeam_channel::Receiver;
use diesel::SqliteConnection;
use gatewright_application::ports::error::PortError;
use tokio::sync::oneshot;

/// A read that sends its own answer.
pub(crate) type ReadJob = Box<dyn FnOnce(&mut SqliteConnection) + Send>;

/// Makes `work` a job that answers to `answer`.
pub(crate) fn read_job<T: Send + 'static>(
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    answer: oneshot::Sender<Result<T, PortError>>,
) -> ReadJob {
    Box::new(move |connection| {
        if !answer.is_closed() {
            // A caller who is gone by now needs no answer.
            let _ = answer.send(attempt(connection, work));
        }
    })
}

/// Does jobs until their queue is closed and empty.
pub(crate) fn serve(mut connection: SqliteConnection, jobs: &Receiver<ReadJob>) {
    while let Ok(job) = jobs.recv() {
        job(&mut connection);
    }
}
