//! Becoming a member, again and again.

use super::join;
use super::membership::{self, Ended};
use super::registry::Registry;
use super::{Shared, Standing};
use crate::options::RedisOptions;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;
use uuid::Uuid;

/// Between two tries to become a member, at first and at most: well below `LEASE`, within which all are to be back.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(300);

/// Is a member for as long and as often as it can, until `closed`.
pub(super) async fn serve(
    shared: Arc<Shared>,
    options: RedisOptions,
    process: Uuid,
    mut closed: watch::Receiver<bool>,
) {
    let registry = Arc::new(Registry::new(options.key_prefix()));
    tokio::select! {
        () = be_a_member(&shared, &options, &registry, process, closed.clone()) => {}
        // While it is a member it leaves in good order; otherwise there is nothing to leave.
        () = closed_while_apart(&shared, &mut closed) => {}
    }
    shared.lease.end();
    shared.stand_apart("closed");
}

async fn be_a_member(
    shared: &Arc<Shared>,
    options: &RedisOptions,
    registry: &Arc<Registry>,
    process: Uuid,
    closed: watch::Receiver<bool>,
) {
    let (mut pause, mut former) = (SHORTEST_PAUSE, String::new());
    for number in 1_u64.. {
        // A name is not used twice: what is meant for an earlier membership would be taken for this one's.
        let name = format!("{}.{number}", process.simple());
        match join::join(options, registry, &name, &former).await {
            Ok(joined) => {
                pause = SHORTEST_PAUSE;
                tracing::info!("announcements reach the other processes");
                former = name;
                let ended = membership::be_a_member(shared, registry, joined, options.timeout(), closed.clone()).await;
                match ended {
                    Ended::Closed => return,
                    Ended::Lost(reason) => {
                        tracing::warn!(reason, "announcements are interrupted");
                        shared.standing.send_replace(Standing::Joining);
                    }
                    Ended::Silent => {
                        tracing::warn!("announcements are interrupted: Redis does not answer in time");
                        shared.stand_apart("no answer in time");
                    }
                }
            }
            Err(reason) => {
                if *shared.standing.borrow() != Standing::Apart(reason.clone()) {
                    tracing::warn!(reason, "announcements do not reach the other processes");
                }
                shared.stand_apart(&reason);
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn closed_while_apart(shared: &Shared, closed: &mut watch::Receiver<bool>) {
    let mut standing = shared.standing.subscribe();
    // An error says that nobody is there any more who could close, or mind.
    let _ = closed.wait_for(|closed| *closed).await;
    let _ = standing.wait_for(|standing| *standing != Standing::Member).await;
}

impl Shared {
    /// Nobody is to wait for a delivery.
    fn stand_apart(&self, reason: &str) {
        self.standing.send_replace(Standing::Apart(reason.to_owned()));
        self.outbound.fail_callers(reason);
    }
}
