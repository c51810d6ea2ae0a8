//! Jobs and their runs.

use crate::error::corrupt;
use crate::rows::columns::{required, storable, word};
use crate::schema::jobs;
use diesel::{AsChangeset, Queryable, Selectable};
use gatewright_application::jobs::job::Job;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::jobs::{FinishedRun, JobOutcome, JobRecord, JobRun};
use gatewright_domain::Timestamp;

/// A job as it is stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(diesel::pg::Pg))]
pub(crate) struct JobRow {
    name: String,
    started_at: Timestamp,
    leased_until: Option<Timestamp>,
    finished_run_started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    outcome: Option<String>,
    handled: Option<i64>,
    detail: Option<String>,
}

/// What a run leaves behind.
#[derive(AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_null = true)]
pub(crate) struct FinishedRunColumns {
    leased_until: Option<Timestamp>,
    finished_run_started_at: Timestamp,
    finished_at: Timestamp,
    outcome: &'static str,
    handled: Option<i64>,
    detail: Option<String>,
}

impl FinishedRunColumns {
    /// Of `run`, which ended at `now`.
    pub(crate) fn new(run: &JobRun, outcome: &JobOutcome, now: Timestamp) -> Self {
        let (word, handled, detail) = match outcome {
            JobOutcome::Done(handled) => ("done", Some(i64::try_from(*handled).unwrap_or(i64::MAX)), None),
            JobOutcome::Skipped(reason) => ("skipped", None, Some(storable(reason))),
            JobOutcome::Failed(reason) => ("failed", None, Some(storable(reason))),
        };
        Self {
            leased_until: None,
            finished_run_started_at: run.started_at,
            finished_at: now,
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
                started_at: required("job", row.finished_run_started_at)?,
                finished_at: required("job", row.finished_at)?,
                outcome: read_outcome(&outcome, row.handled, row.detail)?,
            }),
        };
        Ok(Self {
            job: word("job", &row.name, Job::named(&row.name))?,
            last_started_at: row.started_at,
            last_finished,
            leased_until: row.leased_until,
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
