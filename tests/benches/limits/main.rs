//! Measures the server beside the limits of the same machine, in one run, interleaved, as ratios of medians.
//!
//! Absolute figures differ from machine to machine and from hour to hour; a ratio to a limit measured in the same
//! minute does not. `cargo xtask bench` runs this, prints a table and writes `bench.json`.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock, prints, computes with floats and stops where it cannot measure"
)]

mod bare_http;
mod bare_sqlite;
mod http_load;
mod measurements;
mod process;
mod raw_argon2;
mod report;

use report::Report;

fn main() {
    if let Some(body) = bare_http::child_body() {
        bare_http::serve(body);
        return;
    }
    // `cargo test --benches` and `cargo bench -- --list` only ask whether this runs.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut report = Report::default();
    runtime.block_on(async {
        measurements::start_time(&mut report).await;
        measurements::memory(&mut report).await;
        measurements::sign_in(&mut report).await;
        measurements::current_user(&mut report).await;
        measurements::refresh(&mut report).await;
        measurements::enumeration(&mut report).await;
    });
    report.print();
    report.write_json("bench.json");
}
