//! Jobs and their runs.

use crate::error::corrupt;
use crate::rows::columns::{micros, optional_time, required, time, word};
use crate::schema::jobs;
use diesel::{AsChangeset, Queryable, Selectable};
use gatewright_application::jobs::job::Job;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::jobs::{FinishedRun, JobOutcome, JobRecord, JobRun};
use gatewright_domain::Timestamp;

/// A job as it is stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(diesel::sqlite::Sqlite))]
pub(crate) struct JobRow {
    name: String,
    /// The latest run's.
    pub(crate) fence: i64,
    started_at: i64,
    /// Until when it is held.
    pub(crate) leased_until: Option<i64>,
    /// When the last run began that came to its end.
    pub(crate) finished_run_started_at: Option<i64>,
    finished_at: Option<i64>,
    outcome: Option<String>,
    handled: Option<i64>,
    detail: Option<String>,
}

/// What a run leaves behind.
#[derive(AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_null = true)]
pub(crate) struct FinishedRunColumns {
    leased_until: Option<i64>,
    finished_run_started_at: i64,
    finished_at: i64,
    outcome: &'static str,
    handled: Option<i64>,
    detail: Option<String>,
}

impl FinishedRunColumns {
    pub(crate) fn new(run: &JobRun, outcome: JobOutcome, now: Timestamp) -> Self {
        let (word, handled, detail) = match outcome {
            JobOutcome::Done(handled) => ("done", Some(i64::try_from(handled).unwrap_or(i64::MAX)), None),
            JobOutcome::Skipped(reason) => ("skipped", None, Some(reason)),
            JobOutcome::Failed(reason) => ("failed", None, Some(reason)),
        };
        Self {
            leased_until: None,
            finished_run_started_at: micros(run.started_at),
            finished_at: micros(now),
            outcome: word,
            handled,
            detail,
        }
    }
}

impl TryFrom<JobRow> for JobRecord {
    type Error = PortError;

    fn try_from(row: JobRow) -> Result<Self, PortError> {
        let last_finished = match row.outcome {
            None => None,
            Some(outcome) => Some(FinishedRun {
                started_at: time(required("job", row.finished_run_started_at)?)?,
                finished_at: time(required("job", row.finished_at)?)?,
                outcome: read_outcome(&outcome, row.handled, row.detail)?,
            }),
        };
        Ok(Self {
            job: word("job", &row.name, Job::named(&row.name))?,
            last_started_at: time(row.started_at)?,
            last_finished,
            leased_until: optional_time(row.leased_until)?,
        })
    }
}

fn read_outcome(outcome: &str, handled: Option<i64>, detail: Option<String>) -> Result<JobOutcome, PortError> {
    match outcome {
        "done" => {
            let handled = u64::try_from(required("job", handled)?);
            Ok(JobOutcome::Done(
                handled.map_err(|error| corrupt("job", error.to_string()))?,
            ))
        }
        "skipped" => Ok(JobOutcome::Skipped(required("job", detail)?)),
        "failed" => Ok(JobOutcome::Failed(required("job", detail)?)),
        other => word("job", other, None),
    }
}
