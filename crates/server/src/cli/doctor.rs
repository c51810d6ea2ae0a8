//! `gatewright doctor`

use crate::cli::configured;
use crate::exit::Failure;
use crate::{async_runtime, terminal};
use gatewright::doctor::{Finding, Verdict, examine};

/// Tells every finding, and fails where something does not work.
pub(super) fn run() -> Result<(), Failure> {
    let config = configured()?;
    let findings = async_runtime::start()?.block_on(examine(config));
    for finding in &findings {
        terminal::answer(&told(finding));
    }
    match findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Broken)
        .count()
    {
        0 => Ok(()),
        1 => Err(Failure::Other("one thing does not work".to_owned())),
        broken => Err(Failure::Other(format!("{broken} things do not work"))),
    }
}

fn told(finding: &Finding) -> String {
    let mark = match finding.verdict {
        Verdict::Fine => "ok      ",
        Verdict::Remarkable => "note    ",
        Verdict::Broken => "BROKEN  ",
    };
    let Finding {
        about, seen, advice, ..
    } = finding;
    let advice = if advice.is_empty() {
        String::new()
    } else {
        format!("\n        {:<14} -> {advice}", "")
    };
    format!("{mark}{about:<14}{seen}{advice}")
}
