//! What is shown of jobs.

use gatewright_application::jobs::list_jobs::JobStatus;
use gatewright_application::ports::jobs::{FinishedRun, JobOutcome};
use serde_json::{Value, json};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const HEADINGS: [&str; 5] = ["JOB", "EVERY", "LAST RUN", "NEXT RUN", "RESULT"];

/// A table for people.
pub(super) fn table(jobs: &[JobStatus]) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(jobs.iter().map(row));
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths = [0, 1, 2, 3].map(width);
    let lines = rows.iter().map(|[job, every, last, next, result]| {
        let [a, b, c, d] = widths;
        let line = format!("{job:a$}  {every:b$}  {last:c$}  {next:d$}  {result}");
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<String>>().join("\n")
}

fn row(status: &JobStatus) -> [String; 5] {
    let record = status.record.as_ref();
    let finished = record.and_then(|record| record.last_finished.as_ref());
    [
        status.job.as_str().to_owned(),
        span(status.job.interval().unsigned_abs()),
        record.map_or_else(|| "never".to_owned(), |record| written(record.last_started_at)),
        match status {
            JobStatus { running: true, .. } => "running".to_owned(),
            JobStatus { is_due: true, .. } => "due".to_owned(),
            JobStatus { due_at, .. } => written(*due_at),
        },
        finished.map_or_else(String::new, result),
    ]
}

fn result(run: &FinishedRun) -> String {
    match &run.outcome {
        JobOutcome::Done(handled) => format!("done: {handled}"),
        JobOutcome::Skipped(reason) => format!("nothing to do: {reason}"),
        JobOutcome::Failed(reason) => format!("FAILED: {reason}"),
    }
}

/// A document for programs. Times are in RFC 3339, spans in seconds.
pub(super) fn json(jobs: &[JobStatus]) -> String {
    let document = Value::from(jobs.iter().map(entry).collect::<Vec<Value>>());
    format!("{document:#}")
}

fn entry(status: &JobStatus) -> Value {
    let record = status.record.as_ref();
    json!({
        "name": status.job.as_str(),
        "interval": status.job.interval().whole_seconds(),
        "running": status.running,
        "due": status.is_due,
        "due_at": written(status.due_at),
        "last_started_at": record.map(|record| written(record.last_started_at)),
        "last_finished": record.and_then(|record| record.last_finished.as_ref()).map(finished),
    })
}

fn finished(run: &FinishedRun) -> Value {
    let (outcome, handled, detail) = match &run.outcome {
        JobOutcome::Done(handled) => ("done", Some(handled), None),
        JobOutcome::Skipped(reason) => ("skipped", None, Some(reason)),
        JobOutcome::Failed(reason) => ("failed", None, Some(reason)),
    };
    json!({
        "started_at": written(run.started_at),
        "finished_at": written(run.finished_at),
        "outcome": outcome,
        "handled": handled,
        "detail": detail,
    })
}

fn span(span: Duration) -> String {
    humantime::format_duration(span).to_string()
}

fn written(moment: OffsetDateTime) -> String {
    let whole_seconds = moment.truncate_to_second();
    whole_seconds.format(&Rfc3339).unwrap_or_else(|_| moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_application::jobs::job::Job;
    use gatewright_application::ports::jobs::JobRecord;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-03-01 12:00:00.123_456 UTC);

    fn jobs() -> Vec<JobStatus> {
        let status = |job, record: Option<JobRecord>| JobStatus {
            job,
            running: false,
            is_due: record.is_none(),
            due_at: NOON + time::Duration::HOUR,
            record,
        };
        let failed = JobRecord {
            job: Job::RemoveOldMails,
            last_started_at: NOON,
            last_finished: Some(FinishedRun {
                started_at: NOON,
                finished_at: NOON + time::Duration::SECOND,
                outcome: JobOutcome::Failed("no disk \"left\"".to_owned()),
            }),
            leased_until: None,
        };
        vec![
            status(Job::RotateSigningKeys, None),
            status(Job::RemoveOldMails, Some(failed)),
        ]
    }

    #[test]
    fn the_table_has_a_line_for_each_job() {
        let table = table(&jobs());
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(
            lines,
            [
                "JOB                  EVERY  LAST RUN              NEXT RUN              RESULT",
                "rotate-signing-keys  1h     never                 due",
                "remove-old-mails     1h     2026-03-01T12:00:00Z  2026-03-01T13:00:00Z  FAILED: no disk \"left\"",
            ]
        );
    }

    #[test]
    fn the_document_can_be_read_back() {
        let document: Value = serde_json::from_str(&json(&jobs())).unwrap();
        assert_eq!(document[0]["last_started_at"], Value::Null);
        assert_eq!(document[1]["name"], "remove-old-mails");
        assert_eq!(document[1]["last_finished"]["outcome"], "failed");
        assert_eq!(document[1]["last_finished"]["detail"], "no disk \"left\"");
        assert_eq!(document[1]["interval"], 3600);
    }
}
