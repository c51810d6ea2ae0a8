//! When it is time to look for due jobs: clokwerk, by a clock of its own.

use chrono::{DateTime, TimeZone, Utc};
use clokwerk::timeprovider::TimeProvider;
use clokwerk::{AsyncScheduler, Interval};
use gatewright_application::jobs::job::Job;
use std::future::ready;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

/// The time since the program began, told as a time of day. Where the machine's clock is set back, clokwerk would wait until it has
/// come round again; and which hour it is makes no difference here.
pub(crate) struct SinceStart;

impl TimeProvider for SinceStart {
    fn now<Tz: TimeZone + Sync + Send>(tz: &Tz) -> DateTime<Tz> {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        (DateTime::UNIX_EPOCH + START.elapsed()).with_timezone(tz)
    }
}

/// Names every job each `look_every`.
pub(crate) type JobClock = AsyncScheduler<Utc, SinceStart>;

/// A clock that tells `due` which job to look at.
///
/// It does no more than that: clokwerk waits for each of its tasks before it looks at the time again, and a panic in one would end
/// them all.
pub(crate) fn job_clock(look_every: Duration, due: &UnboundedSender<Job>) -> JobClock {
    let mut clock = AsyncScheduler::with_tz_and_provider(Utc);
    let seconds = u32::try_from(look_every.as_secs()).unwrap_or(u32::MAX).max(1);
    for job in Job::ALL {
        let due = due.clone();
        clock.every(Interval::Seconds(seconds)).run(move || {
            // Whoever listened has stopped.
            let _ = due.send(job);
            ready(())
        });
    }
    clock
}
