//! Keeps the connection.

use super::connection::{Connection, Opener};
use super::{State, probe};
use deadpool_redis::redis::RedisResult;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// Between two tries, at first and at most.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// Between two looks after a connection of which nobody complains.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Opens connections, one after another, and tells of each, until it is aborted. `reported` is the number of the newest one that
/// somebody complained of.
pub(super) async fn keep(
    opener: Opener,
    prober: Prober,
    told: watch::Sender<State>,
    mut reported: watch::Receiver<u64>,
) {
    let mut pause = SHORTEST_PAUSE;
    for number in 1.. {
        match open(&opener, &prober).await {
            Ok(connection) => {
                pause = SHORTEST_PAUSE;
                tracing::info!("Redis answers");
                told.send_replace(State::Up(connection.clone(), number));
                let reason = look_after(connection, &prober, number, &mut reported).await;
                tracing::warn!(reason, "Redis is away; what it is for goes on without it");
                told.send_replace(State::Down(reason));
            }
            Err(reason) => {
                let is_news = !matches!(&*told.borrow(), State::Down(known) if *known == reason);
                if is_news {
                    tracing::warn!(reason, "Redis cannot be reached");
                }
                told.send_replace(State::Down(reason));
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Tries connections.
pub(super) struct Prober {
    /// What is stored.
    pub(super) key: String,
    /// How long it may take to open and try one.
    pub(super) patience: Duration,
}

async fn open(opener: &Opener, prober: &Prober) -> Result<Connection, String> {
    let connected = async {
        let mut connection = opener.open().await?;
        probe(&mut connection, &prober.key).await?;
        RedisResult::Ok(connection)
    };
    match timeout(prober.patience, connected).await {
        Ok(outcome) => outcome.map_err(|error| error.to_string()),
        Err(_) => Err("no answer in time".to_owned()),
    }
}

/// Answers why the connection is not to be used any more.
async fn look_after(
    mut connection: Connection,
    prober: &Prober,
    number: u64,
    reported: &mut watch::Receiver<u64>,
) -> String {
    loop {
        tokio::select! {
            complaint = reported.wait_for(|reported| *reported >= number) => {
                let reason = if complaint.is_ok() { "calls fail" } else { "nobody needs it" };
                return reason.to_owned();
            }
            () = sleep(BETWEEN_LOOKS) => {}
        }
        match timeout(prober.patience, probe(&mut connection, &prober.key)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.to_string(),
            Err(_) => return "no answer in time".to_owned(),
        }
    }
}
