//! Jobs are put in line before the writer starts, so that they are in one commit for certain.

use super::{WriteJob, serve, write_job};
use crate::error::Failure;
use crate::migrations;
use crate::options::SqliteOptions;
use crate::schema::attempt_counters;
use crossbeam_channel::{Receiver, Sender, unbounded};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use gatewright_application::ports::error::{Constraint, PortError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot::{self, error::TryRecvError};

type Answer = oneshot::Receiver<Result<(), PortError>>;

struct Line {
    _folder: TempDir,
    options: SqliteOptions,
    entrance: Sender<WriteJob>,
    exit: Receiver<WriteJob>,
}

impl Line {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteOptions {
            patience: Duration::from_millis(2),
            ..SqliteOptions::at(folder.path().join("gatewright.db"))
        };
        migrations::up(&options).unwrap();
        let (entrance, exit) = unbounded();
        Self {
            _folder: folder,
            options,
            entrance,
            exit,
        }
    }

    fn connection(&self) -> SqliteConnection {
        crate::connection::open_writer(&self.options).unwrap()
    }

    fn put(&self, work: impl FnOnce(&mut SqliteConnection) -> Result<(), Failure> + Send + 'static) -> Answer {
        self.put_with(&Arc::default(), work)
    }

    fn put_with(
        &self,
        begun: &Arc<AtomicBool>,
        work: impl FnOnce(&mut SqliteConnection) -> Result<(), Failure> + Send + 'static,
    ) -> Answer {
        let (sender, answer) = oneshot::channel();
        let job = write_job(work, sender, Arc::clone(begun));
        self.entrance.send(job).unwrap();
        answer
    }

    /// Does every job in line.
    fn serve(&mut self) {
        let (entrance, exit) = unbounded();
        self.entrance = entrance;
        serve(self.connection(), &self.exit);
        self.exit = exit;
    }

    fn stored(&self) -> Vec<i64> {
        attempt_counters::table
            .select(attempt_counters::taken)
            .order(attempt_counters::taken)
            .load(&mut self.connection())
            .unwrap()
    }
}

fn store(connection: &mut SqliteConnection, number: u8) -> Result<(), Failure> {
    diesel::insert_into(attempt_counters::table)
        .values((
            attempt_counters::counter_key.eq([number; 32].as_slice()),
            attempt_counters::taken.eq(i64::from(number)),
            attempt_counters::window_ends_at.eq(0),
        ))
        .execute(connection)?;
    Ok(())
}

fn is_unavailable(answer: &mut Answer) -> bool {
    matches!(answer.try_recv(), Ok(Err(PortError::Unavailable { .. })))
}

#[test]
fn a_job_that_fails_undoes_itself_and_none_of_its_neighbours() {
    let mut line = Line::new();
    let mut first = line.put(|connection| store(connection, 1));
    let mut failing = line.put(|connection| {
        store(connection, 2)?;
        Err(Constraint::ChallengeUnused.into())
    });
    let mut last = line.put(|connection| store(connection, 3));
    line.serve();
    assert_eq!(first.try_recv(), Ok(Ok(())));
    assert_eq!(
        failing.try_recv(),
        Ok(Err(PortError::Conflict(Constraint::ChallengeUnused)))
    );
    assert_eq!(last.try_recv(), Ok(Ok(())));
    assert_eq!(line.stored(), [1, 3]);
}

#[test]
fn a_job_that_panics_undoes_itself_and_the_writer_goes_on() {
    let mut line = Line::new();
    let mut first = line.put(|connection| store(connection, 1));
    let mut panicking = line.put(|connection| {
        store(connection, 2)?;
        panic!("a fault, on purpose")
    });
    let mut last = line.put(|connection| store(connection, 3));
    line.serve();
    assert_eq!(first.try_recv(), Ok(Ok(())));
    assert!(is_unavailable(&mut panicking));
    assert_eq!(last.try_recv(), Ok(Ok(())));
    assert_eq!(line.stored(), [1, 3]);
}

#[test]
fn nobody_is_answered_before_the_commit() {
    let mut line = Line::new();
    let mut first = line.put(|connection| store(connection, 1));
    let mut reader = line.connection();
    let mut second = line.put(move |_| {
        assert_eq!(first.try_recv(), Err(TryRecvError::Empty));
        let visible: i64 = attempt_counters::table.count().get_result(&mut reader)?;
        assert_eq!(visible, 0);
        Ok(())
    });
    line.serve();
    assert_eq!(second.try_recv(), Ok(Ok(())));
    assert_eq!(line.stored(), [1]);
}

#[test]
fn a_job_whose_caller_went_away_is_skipped() {
    let mut line = Line::new();
    drop(line.put(|connection| store(connection, 1)));
    let mut second = line.put(|connection| store(connection, 2));
    line.serve();
    assert_eq!(second.try_recv(), Ok(Ok(())));
    assert_eq!(line.stored(), [2]);
}

#[test]
fn a_job_that_was_taken_back_is_skipped() {
    let mut line = Line::new();
    let mut taken_back = line.put_with(&Arc::new(AtomicBool::new(true)), |connection| store(connection, 1));
    let mut second = line.put(|connection| store(connection, 2));
    line.serve();
    assert!(is_unavailable(&mut taken_back));
    assert_eq!(second.try_recv(), Ok(Ok(())));
    assert_eq!(line.stored(), [2]);
}

#[test]
fn a_job_at_work_can_no_longer_be_taken_back() {
    let mut line = Line::new();
    let begun = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&begun);
    let mut answer = line.put_with(&begun, move |connection| {
        assert!(seen.load(Ordering::Acquire));
        store(connection, 1)
    });
    line.serve();
    assert_eq!(answer.try_recv(), Ok(Ok(())));
}

#[test]
fn a_full_disk_undoes_the_whole_commit_and_says_so_to_all_in_it() {
    let mut line = Line::new();
    // A stand-in for a full disk: not a page more than there is.
    let mut first = line.put(|connection| {
        connection.batch_execute("pragma max_page_count = 1")?;
        store(connection, 1)
    });
    let mut large = line.put(|connection| (2..=u8::MAX).try_for_each(|number| store(connection, number)));
    let mut next = line.put(|connection| store(connection, 3));
    line.serve();
    for answer in [&mut first, &mut large] {
        let full = PortError::Unavailable {
            dependency: "database",
            reason: "database or disk is full".to_owned(),
        };
        assert_eq!(answer.try_recv(), Ok(Err(full)));
    }
    assert_eq!(next.try_recv(), Ok(Ok(())));
    assert_eq!(line.stored(), [3]);
}

#[test]
fn a_lock_that_cannot_be_had_gives_up_everybody_in_line_at_once() {
    let mut line = Line::new();
    let mut other = line.connection();
    other.batch_execute("begin immediate").unwrap();
    let answers = [1, 2, 3].map(|number| line.put(move |connection| store(connection, number)));
    line.serve();
    for mut answer in answers {
        assert_eq!(answer.try_recv(), Err(TryRecvError::Closed));
    }
    other.batch_execute("rollback").unwrap();
    assert_eq!(line.stored(), [] as [i64; 0]);
}

#[test]
fn more_jobs_than_fit_one_commit_are_done_in_several() {
    let mut line = Line::new();
    let numbers = 1..=u8::try_from(super::MAX_JOBS_A_COMMIT + 5).unwrap();
    let answers: Vec<Answer> = numbers
        .clone()
        .map(|number| line.put(move |connection| store(connection, number)))
        .collect();
    line.serve();
    assert!(answers.into_iter().all(|mut answer| answer.try_recv() == Ok(Ok(()))));
    assert!(line.stored().into_iter().eq(numbers.map(i64::from)));
}
