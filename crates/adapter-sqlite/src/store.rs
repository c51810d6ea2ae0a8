//! The store: one object for all storage ports, in front of its threads.

use crate::connection::{OpenError, open_reader, open_writer, prepare_file, unusable};
use crate::error::{DATABASE, Failure};
use crate::migrations::count_pending;
use crate::options::SqliteOptions;
use crate::queue::Queue;
use crate::readers::{self, ReadJob, read_job};
use crate::writer::{self, WriteJob, write_job};
use async_trait::async_trait;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Integer;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::HealthProbe;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Every storage port on one `SQLite` file.
///
/// Once the last reference to it is gone its threads finish what they have taken and end;
/// [`close`](Self::close) waits for that.
pub struct SqliteStore {
    writer: Queue<WriteJob>,
    readers: Queue<ReadJob>,
    writer_thread: Mutex<Vec<JoinHandle<()>>>,
    reader_threads: Mutex<Vec<JoinHandle<()>>>,
}

impl SqliteStore {
    /// Opens a database that [`migrations::up`](crate::migrations::up) has brought up to date, and starts the
    /// threads. It blocks for a moment.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(options: &SqliteOptions) -> Result<Self, OpenError> {
        prepare_file(&options.path, options.lock_timeout())?;
        let mut connection = open_writer(options)?;
        expect_current_schema(&mut connection, options)?;
        let (writer, jobs) = Queue::new(options.queue_places, options.patience);
        let writer_thread = spawn("sqlite-writer", move || writer::serve(connection, &jobs))?;
        let (readers, jobs) = Queue::new(options.queue_places, options.patience);
        let mut reader_threads = Vec::new();
        for _ in 0..options.readers.get() {
            let (connection, jobs) = (open_reader(options)?, jobs.clone());
            reader_threads.push(spawn("sqlite-reader", move || readers::serve(connection, &jobs))?);
        }
        Ok(Self {
            writer,
            readers,
            writer_thread: Mutex::new(vec![writer_thread]),
            reader_threads: Mutex::new(reader_threads),
        })
    }

    /// Takes no more work, finishes what was taken, and closes the file. Calls that come later are
    /// [`Unavailable`](PortError::Unavailable).
    pub async fn close(&self) {
        self.readers.close();
        join(&self.reader_threads).await;
        // The last connection to close takes the write-ahead log into the file. Two that close at the same moment
        // would each leave that to the other, so the writer goes alone.
        self.writer.close();
        join(&self.writer_thread).await;
    }

    /// Runs `work`, one statement, on a reader.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, PortError> {
        let (sender, answer) = oneshot::channel();
        self.readers.ask(read_job(work, sender), answer).await
    }

    /// Runs `work` on the writer: all of it happens, durably, or nothing does. It has to stop at its first
    /// error, since that may have ended the transaction.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, PortError> {
        let (sender, answer) = oneshot::channel();
        let begun = Arc::new(AtomicBool::new(false));
        let job = write_job(work, sender, Arc::clone(&begun));
        self.writer.ask_to_the_end(job, answer, &begun).await
    }
}

#[async_trait]
impl HealthProbe for SqliteStore {
    fn name(&self) -> &'static str {
        DATABASE
    }

    /// Commits a page: the write lock alone can still be had on a full disk. The page is the file's first, with what it
    /// holds already, so nothing changes and no table is needed for it.
    async fn check(&self) -> Result<(), PortError> {
        self.write(rewrite_first_page).await
    }
}

fn rewrite_first_page(connection: &mut SqliteConnection) -> Result<(), Failure> {
    let version: UserVersion = sql_query("pragma user_version").get_result(connection)?;
    // A pragma takes no parameters.
    connection.batch_execute(&format!("pragma user_version = {}", version.user_version))?;
    Ok(())
}

/// A number in the file's header that is free for any use.
#[derive(QueryableByName)]
struct UserVersion {
    #[diesel(sql_type = Integer)]
    user_version: i32,
}

fn expect_current_schema(connection: &mut SqliteConnection, options: &SqliteOptions) -> Result<(), OpenError> {
    match count_pending(connection).map_err(|error| unusable(&options.path, error))? {
        0 => Ok(()),
        pending => Err(OpenError::Outdated {
            path: options.path.clone(),
            pending,
        }),
    }
}

async fn join(threads: &Mutex<Vec<JoinHandle<()>>>) {
    let threads: Vec<_> = threads
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .drain(..)
        .collect();
    let joined = tokio::task::spawn_blocking(move || threads.into_iter().try_for_each(JoinHandle::join));
    if !matches!(joined.await, Ok(Ok(()))) {
        tracing::error!("a database thread did not end in order");
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(OpenError::Thread)
}
