//! Measures the server beside the limits of the same machine, in one run, interleaved, as ratios of medians.
//!
//! Absolute figures differ from machine to machine and from hour to hour; a ratio to a limit measured in the same
//! minute does not. `cargo xtask bench` runs this, prints a table and writes `bench.json`.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock, prints, computes with floats and stops where it cannot measure"
)]

mod arguments;
mod bare_http;
mod bare_smtp;
mod bare_sqlite;
mod callers;
mod clean_up;
mod durable_postgres;
mod herd;
mod http_load;
mod mail;
mod pgbench;
mod population;
mod postgres_and_redis;
mod process;
mod rate_limiter;
mod raw_argon2;
mod report;
mod same_statements;
mod scale;
mod smtp_sink;
mod sqlite;
mod stores;

use arguments::{Part, Plan};
use report::Report;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(body) = bare_http::child_body() {
        bare_http::serve(body);
        return ExitCode::SUCCESS;
    }
    // `cargo test --benches` and `cargo bench -- --list` only ask whether this runs.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return ExitCode::SUCCESS;
    }
    match Plan::read(std::env::args().skip(1)) {
        Ok(plan) => {
            measure(&plan);
            ExitCode::SUCCESS
        }
        Err(usage) => {
            eprintln!("{usage}");
            ExitCode::from(2)
        }
    }
}

fn measure(plan: &Plan) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut report = Report::default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    report.parameter("cores", cores);
    report.parameter("client", "same machine, same cores");
    report.parameter("argon2id", "m=19456 KiB, t=2, p=1");
    report.parameter("rounds", format!("{} of {} s", plan.rounds, plan.round.as_secs()));
    runtime.block_on(async {
        if plan.includes(Part::Sqlite) {
            sqlite::measure(plan, &mut report).await;
        }
        if plan.includes(Part::Postgres) {
            postgres_and_redis::measure(plan, &mut report).await;
        }
        if plan.includes(Part::Scale) {
            scale::measure(plan, &mut report).await;
        }
        if plan.includes(Part::CleanUp) {
            clean_up::measure(plan, &mut report).await;
        }
        if plan.includes(Part::Mail) {
            mail::measure(plan, &mut report).await;
        }
        if plan.includes(Part::RateLimiter) {
            rate_limiter::measure(&mut report);
        }
    });
    report.print();
    report.write_json("bench.json");
}
