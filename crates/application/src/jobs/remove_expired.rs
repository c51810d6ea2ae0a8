//! Use case: remove what is over and was kept for long enough.

use crate::jobs::held_run::{HeldRun, Interruption};
use crate::jobs::retention::RetentionPolicy;
use crate::ports::expired_rows::{Expired, ExpiredRows, Removal, SessionSweep};
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::ChallengePolicy;
use std::sync::Arc;

/// Rows in one batch: some milliseconds of a database's time.
pub const BATCH: u32 = 100;
/// Sessions looked at in one step; most of them stay.
pub const SWEEP: u32 = 1000;

/// Removes in batches, as long as the run is held.
#[derive(Clone)]
pub struct RemoveExpired {
    /// Removes a batch.
    pub expired_rows: Arc<dyn ExpiredRows>,
    /// How long things are kept.
    pub retention: RetentionPolicy,
    /// How long proofs live.
    pub challenges: ChallengePolicy,
}

impl RemoveExpired {
    /// Removes everything of these kinds that was kept for long enough when the run began.
    pub(super) async fn execute(&self, kinds: &[Expired], held: &mut HeldRun<'_>) -> Result<(), Interruption> {
        for kind in kinds {
            let before = self.before(*kind, held);
            loop {
                let Removal::Removed(count) = self.expired_rows.remove(held.run(), *kind, before, BATCH).await? else {
                    return Err(Interruption::Superseded);
                };
                held.did(count);
                if count < BATCH {
                    break;
                }
                held.rest().await?;
            }
        }
        Ok(())
    }

    /// Walks through all sessions, and removes those that were idle for too long.
    pub(super) async fn sweep_idle_sessions(&self, held: &mut HeldRun<'_>) -> Result<(), Interruption> {
        let before = self.before(Expired::OutlivedSessions, held);
        let mut after = None;
        loop {
            let swept = self.expired_rows.sweep_idle_sessions(held.run(), after, before, SWEEP);
            match swept.await? {
                SessionSweep::Superseded => return Err(Interruption::Superseded),
                SessionSweep::Swept { removed, next } => {
                    held.did(removed);
                    after = next;
                }
            }
            if after.is_none() {
                return Ok(());
            }
            held.rest().await?;
        }
    }

    /// What was over by then is removed.
    fn before(&self, kind: Expired, held: &HeldRun<'_>) -> Timestamp {
        let kept = self.retention.span(kind, &self.challenges);
        held.run().started_at.checked_sub(kept).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
