//! Rate-limit decisions, which the adapters' own benchmarks measure: from outside nobody sees one alone.

use crate::report::{Aim, Report, Rounds};
use std::process::Command;

/// Runs every benchmark of that name in the workspace, and takes over their figures.
pub(crate) fn measure(report: &mut Report) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["bench", "--quiet", "--workspace", "--bench", "rate_limiter"]);
    let output = cargo.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let mut parts = line.split('\t');
        if let (Some(what), Some(ours), Some(beside)) = (parts.next(), parts.next(), parts.next()) {
            let aim = Some(Aim::AtLeast(0.8));
            report.ratio(what, &rounds(ours), &rounds(beside), "/s", aim);
        }
    }
}

fn rounds(text: &str) -> Rounds {
    Rounds(text.split(',').map(|figure| figure.parse().unwrap()).collect())
}
