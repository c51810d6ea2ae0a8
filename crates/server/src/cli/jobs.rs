//! `gatewright jobs`

mod listing;
mod shown_pace;

use crate::async_runtime;
use crate::cli::configured;
use crate::cli::jobs::shown_pace::ShownPace;
use crate::exit::Failure;
use crate::terminal;
use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use gatewright::{Config, Gatewright};
use gatewright_application::jobs::job::Job;
use gatewright_application::jobs::run_job::{Occasion, RunJobOutcome};
use gatewright_application::ports::jobs::JobOutcome;

#[derive(Debug, Subcommand)]
pub(super) enum JobsCommand {
    /// List every job: how often it runs, what became of its last run, and when the next is due
    List {
        /// Write JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a job now, whenever it ran last; it fails where another process is running it
    Run {
        /// Which
        #[arg(value_name = "NAME", value_parser = job())]
        job: Job,
    },
}

fn job() -> impl TypedValueParser<Value = Job> {
    let named = |name: String| Job::named(&name).ok_or("there is no such job");
    PossibleValuesParser::new(Job::ALL.map(Job::as_str)).try_map(named)
}

pub(super) fn run(command: &JobsCommand) -> Result<(), Failure> {
    let config = configured()?;
    async_runtime::start()?.block_on(async {
        let gatewright = open(config).await?;
        let outcome = match command {
            JobsCommand::List { json } => list(&gatewright, *json).await,
            JobsCommand::Run { job } => run_now(&gatewright, *job).await,
        };
        gatewright.close().await;
        outcome
    })
}

async fn open(config: Config) -> Result<Gatewright, Failure> {
    let port = config.server.bind.port();
    let gatewright = Gatewright::build(config, port)?;
    gatewright.wait_for_storage().await;
    Ok(gatewright)
}

async fn list(gatewright: &Gatewright, json: bool) -> Result<(), Failure> {
    let jobs = gatewright.application().list_jobs.execute().await;
    let jobs = jobs.map_err(Failure::other)?;
    terminal::answer(&if json {
        listing::json(&jobs)
    } else {
        listing::table(&jobs)
    });
    Ok(())
}

async fn run_now(gatewright: &Gatewright, job: Job) -> Result<(), Failure> {
    let pace = ShownPace::start()?;
    let run_job = &gatewright.application().run_job;
    let outcome = run_job.execute(job, Occasion::Request, &pace).await;
    let name = job.as_str();
    match outcome.map_err(Failure::other)? {
        RunJobOutcome::Finished(JobOutcome::Done(handled)) => {
            terminal::answer(&format!("{name} is done: {handled} {}", what_it_handles(job)));
            Ok(())
        }
        RunJobOutcome::Finished(JobOutcome::Skipped(reason)) => {
            terminal::answer(&format!("{name} has nothing to do: {reason}"));
            Ok(())
        }
        RunJobOutcome::Finished(JobOutcome::Failed(reason)) => Err(Failure::Other(format!("{name} failed: {reason}"))),
        RunJobOutcome::NotGranted => Err(Failure::Other(format!("{name} is being run by another process"))),
        RunJobOutcome::Stopped => Err(Failure::Other(format!("{name} was stopped; the next run goes on"))),
        RunJobOutcome::Superseded => Err(Failure::Other(format!(
            "{name} was paused for too long, and another process has taken it over"
        ))),
    }
}

/// What its figure counts.
fn what_it_handles(job: Job) -> &'static str {
    match job {
        Job::RotateSigningKeys => "keys made",
        Job::RemoveExpiredRegistrations
        | Job::RemoveExpiredChallenges
        | Job::RemoveEndedSessions
        | Job::RemoveIdleSessions
        | Job::RemoveOldMails
        | Job::RemoveOldAuditEvents => "removed",
    }
}
