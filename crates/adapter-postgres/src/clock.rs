//! The database's time, for every node alike.

use crate::error::Failure;
use crate::prepared::Prepared;
use crate::store::PostgresStore;
use async_trait::async_trait;
use diesel::sql_types::Timestamptz;
use diesel_async::AsyncPgConnection;
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::health_probe::{HealthProbe, Importance};
use gatewright_domain::{Duration, Timestamp};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

/// How far ahead of the database the clock stands still rather than go back. Time that goes back a little surprises
/// whoever compares two moments; time that stands still for long keeps alive what should expire.
const LONGEST_STANDSTILL: Duration = Duration::SECOND;

/// The name of the clock in errors and in `/health/ready`.
const CLOCK: &str = "clock";

/// What a machine that is kept in time never comes near.
const ALARMING_ERROR: Duration = Duration::seconds(30);

/// The database's time, carried on by the machine's monotonic clock from sample to sample.
///
/// Nodes whose own clocks differ, or are set to another time, agree on what has expired. Until the first sample it tells the
/// machine's time of when it was made, carried on likewise. Where a sample shows that it is ahead it stands still until the
/// database has caught up, for a second at most; a larger error is corrected at once, and time goes back by that much.
pub struct DatabaseClock {
    store: Arc<PostgresStore>,
    started: Instant,
    time: Mutex<Time>,
}

/// What is known of the time.
struct Time {
    estimate: Estimate,
    machine_ahead_by: Option<Duration>,
}

impl DatabaseClock {
    /// A clock that has yet to be set by [`resample`](Self::resample).
    #[must_use]
    pub fn new(store: Arc<PostgresStore>) -> Self {
        Self {
            store,
            started: monotonic_now(),
            time: Mutex::new(Time {
                estimate: Estimate::new(machine_now()),
                machine_ahead_by: None,
            }),
        }
    }

    /// Asks the database for its time and follows it. To be called every few seconds: clocks drift.
    ///
    /// # Errors
    /// [`PortError`], where the database does not answer; the clock goes on as before.
    pub async fn resample(&self) -> Result<(), PortError> {
        let lease = self.store.lease_for_any_schema().await?;
        let (asked, sampled, answered) = lease
            .run(async |connection| {
                let asked = self.started.elapsed();
                Ok((asked, database_now(connection).await?, self.started.elapsed()))
            })
            .await?;
        let uncertainty = span(answered.saturating_sub(asked)) / 2;
        let mut time = self.time.lock().unwrap_or_else(PoisonError::into_inner);
        let correction = time.estimate.follow(sampled + uncertainty, uncertainty, span(answered));
        let error = machine_now() - time.estimate.at(span(self.started.elapsed()));
        time.machine_ahead_by = Some(error);
        drop(time);
        if correction.abs() > LONGEST_STANDSTILL {
            tracing::warn!(
                seconds = correction.as_seconds_f64(),
                "the clock was set to the database's time"
            );
        }
        Ok(())
    }

    /// How far the machine's clock was ahead of the database's at the last sample (behind it: below zero); `None` before the
    /// first. Large values do no harm to what is decided here, but the machine's logs and certificates go by it.
    pub fn machine_ahead_by(&self) -> Option<Duration> {
        let time = self.time.lock().unwrap_or_else(PoisonError::into_inner);
        time.machine_ahead_by
    }
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        let mut time = self.time.lock().unwrap_or_else(PoisonError::into_inner);
        time.estimate.now(span(self.started.elapsed()))
    }
}

/// Whether the machine's clock agrees with the database's: as of the last sample, since a check that asked anew would say no more.
#[async_trait]
impl HealthProbe for DatabaseClock {
    fn name(&self) -> &'static str {
        CLOCK
    }

    fn importance(&self) -> Importance {
        Importance::Degrading
    }

    async fn check(&self) -> Result<(), PortError> {
        match self.machine_ahead_by() {
            Some(error) if error.abs() > ALARMING_ERROR => Err(PortError::Unavailable {
                dependency: CLOCK,
                reason: format!(
                    "this machine's clock is ahead of the database's by {} s",
                    error.whole_seconds()
                ),
            }),
            _ => Ok(()),
        }
    }
}

async fn database_now(mut connection: &AsyncPgConnection) -> Result<Timestamp, Failure> {
    let now = Prepared(diesel::select(diesel::dsl::sql::<Timestamptz>("clock_timestamp()")));
    Ok(diesel_async::RunQueryDsl::get_result(now, &mut connection).await?)
}

#[expect(clippy::disallowed_methods, reason = "this is the Clock port")]
fn monotonic_now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "this is the Clock port")]
fn machine_now() -> Timestamp {
    SystemTime::now().into()
}

fn span(duration: std::time::Duration) -> Duration {
    Duration::try_from(duration).unwrap_or(Duration::MAX)
}

/// The time as a function of a monotonic clock, which counts from when the estimate was made.
struct Estimate {
    /// At the monotonic clock's zero.
    origin: Timestamp,
    /// The last time that was told.
    told: Timestamp,
}

impl Estimate {
    fn new(now: Timestamp) -> Self {
        Self { origin: now, told: now }
    }

    /// The time after `elapsed`, whatever was told before.
    fn at(&self, elapsed: Duration) -> Timestamp {
        self.origin.saturating_add(elapsed)
    }

    /// The time after `elapsed` in whole microseconds; never before one that was told.
    fn now(&mut self, elapsed: Duration) -> Timestamp {
        let now = self.at(elapsed);
        let whole = now - Duration::nanoseconds((now.nanosecond() % 1_000).into());
        self.told = self.told.max(whole);
        self.told
    }

    /// Follows a sample of the time after `elapsed` that is known up to `uncertainty`, and answers by how much the estimate
    /// was moved: as little as the sample asks for, so that one that took long to get does not spoil a better one.
    fn follow(&mut self, sampled: Timestamp, uncertainty: Duration, elapsed: Duration) -> Duration {
        let before = self.at(elapsed);
        let after = before.clamp(sampled - uncertainty, sampled + uncertainty);
        let correction = after - before;
        self.origin += correction;
        if self.told - after > LONGEST_STANDSTILL {
            self.told = after;
        }
        correction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn seconds(count: i64) -> Duration {
        Duration::seconds(count)
    }

    #[test]
    fn between_samples_it_goes_by_the_monotonic_clock() {
        let mut estimate = Estimate::new(START);
        assert_eq!(estimate.now(seconds(7)), START + seconds(7));
        assert_eq!(
            estimate.follow(START + seconds(107), Duration::ZERO, seconds(7)),
            seconds(100)
        );
        assert_eq!(estimate.now(seconds(8)), START + seconds(108));
    }

    #[test]
    fn a_little_ahead_it_stands_still_until_the_database_has_caught_up() {
        let mut estimate = Estimate::new(START);
        assert_eq!(estimate.now(seconds(10)), START + seconds(10));
        let behind = START + Duration::milliseconds(9_500);
        estimate.follow(behind, Duration::ZERO, seconds(10));
        assert_eq!(estimate.now(seconds(10)), START + seconds(10));
        assert_eq!(estimate.now(Duration::milliseconds(10_400)), START + seconds(10));
        assert_eq!(estimate.now(seconds(11)), START + Duration::milliseconds(10_500));
    }

    #[test]
    fn far_ahead_it_goes_back_at_once() {
        let mut estimate = Estimate::new(START);
        assert_eq!(estimate.now(seconds(300)), START + seconds(300));
        estimate.follow(START, Duration::ZERO, seconds(300));
        assert_eq!(estimate.now(seconds(300)), START);
        assert_eq!(estimate.now(seconds(301)), START + seconds(1));
    }

    #[test]
    fn a_sample_moves_it_no_further_than_its_uncertainty_leaves_no_doubt() {
        let mut estimate = Estimate::new(START);
        let vague = |sampled| (START + sampled, seconds(2), Duration::ZERO);
        let (sampled, uncertainty, elapsed) = vague(seconds(1));
        assert_eq!(estimate.follow(sampled, uncertainty, elapsed), Duration::ZERO);
        let (sampled, uncertainty, elapsed) = vague(seconds(10));
        assert_eq!(estimate.follow(sampled, uncertainty, elapsed), seconds(8));
        let (sampled, uncertainty, elapsed) = vague(seconds(-10));
        assert_eq!(estimate.follow(sampled, uncertainty, elapsed), seconds(-16));
    }

    #[test]
    fn a_moment_is_cut_to_whole_microseconds() {
        let mut estimate = Estimate::new(START);
        assert_eq!(
            estimate.now(Duration::nanoseconds(1_999)),
            START + Duration::MICROSECOND
        );
    }
}
