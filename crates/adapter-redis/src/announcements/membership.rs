//! What a member does, from joining to the end of its connection.

use super::deliveries::Deliveries;
use super::join::Joined;
use super::message::{Content, Published, ToOne};
use super::registry::{Members, Registry};
use super::{BEAT, LEASE, Shared, Standing};
use crate::error::unavailable;
use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::{Msg, PushInfo, PushKind, RedisResult};
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

/// Batches that are being published at one time.
const MOST_PUBLISHING: usize = 8;

/// Why a membership ended.
pub(super) enum Ended {
    /// The process is closing.
    Closed,
    /// The connection or the place in the registry is lost.
    Lost(String),
    /// Redis does not answer in time.
    Silent,
}

/// A member.
pub(super) struct Membership {
    shared: Arc<Shared>,
    registry: Arc<Registry>,
    name: Arc<str>,
    connection: MultiplexedConnection,
    timeout: Duration,
    deliveries: Deliveries,
    /// Calls that wait for their answers.
    calls: FuturesUnordered<BoxFuture<'static, Result<Answered, Ended>>>,
    publishing: usize,
    /// The newest batch.
    number: u64,
    /// The newest beat.
    beat: Beat,
    /// No beat before this moment lets it listen.
    listens_from: Instant,
}

struct Beat {
    number: u64,
    sent_at: Instant,
    is_answered: bool,
}

/// What a call found.
enum Answered {
    /// The beat was sent.
    Beat,
    /// A batch was published, by this moment.
    Published(u64, Members, Instant),
    /// Nothing to go by.
    Done,
}

/// Is a member, having joined, for as long as it can, or until `closed`.
pub(super) async fn be_a_member(
    shared: &Arc<Shared>,
    registry: &Arc<Registry>,
    joined: Joined,
    timeout: Duration,
    mut closed: watch::Receiver<bool>,
) -> Ended {
    let mut pushes = joined.pushes;
    let mut member = Membership {
        shared: Arc::clone(shared),
        registry: Arc::clone(registry),
        name: joined.name.into(),
        connection: joined.connection,
        timeout,
        deliveries: Deliveries::new(joined.since, LEASE),
        calls: FuturesUnordered::new(),
        publishing: 0,
        number: 0,
        beat: Beat {
            number: 0,
            sent_at: joined.since,
            is_answered: true,
        },
        listens_from: joined.since + LEASE,
    };
    // What was announced before it joined, it has missed.
    shared.tell(|listener| listener.missed());
    shared.standing.send_replace(Standing::Member);
    member.publish();
    let mut beats = interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ended = loop {
        let settlement = member.deliveries.next_settlement();
        let step = tokio::select! {
            push = pushes.recv() => member.receive(push),
            Some(answered) = member.calls.next() => answered.map(|answered| member.note(answered)),
            _ = beats.tick() => {
                member.send_beat();
                Ok(())
            }
            () = shared.outbound.filled.notified() => {
                member.publish();
                Ok(())
            }
            () = sleep_until(settlement.unwrap_or(member.beat.sent_at)), if settlement.is_some() => Ok(()),
            () = is_true(&mut closed) => Err(Ended::Closed),
        };
        if let Err(ended) = step {
            break ended;
        }
        member.settle();
    };
    member.end(&ended).await;
    ended
}

/// Also where nobody is there any more who could say so.
async fn is_true(closed: &mut watch::Receiver<bool>) {
    let _ = closed.wait_for(|closed| *closed).await;
}

impl Membership {
    fn send_beat(&mut self) {
        // The one under way is given up in time, and the membership with it.
        if !self.beat.is_answered {
            return;
        }
        let number = self.beat.number + 1;
        self.beat = Beat {
            number,
            sent_at: Instant::now(),
            is_answered: false,
        };
        let (registry, name, connection) = self.for_a_call();
        self.call(async move {
            let is_member = registry.beat(connection, &name, number).await?;
            Ok(if is_member {
                Ok(Answered::Beat)
            } else {
                Err(no_member())
            })
        });
    }

    /// Publishes what waits, unless enough is being published.
    fn publish(&mut self) {
        if self.publishing >= MOST_PUBLISHING {
            return;
        }
        let Some(batch) = self.shared.outbound.take() else {
            return;
        };
        self.number += 1;
        self.publishing += 1;
        let number = self.number;
        let published = Published {
            announcer: self.name.to_string(),
            number,
            content: batch.content.clone(),
        };
        self.deliveries.begin(number, batch);
        let (registry, _, connection) = self.for_a_call();
        self.call(async move {
            let members = registry.announce(connection, &published).await?;
            Ok(match members {
                Some(members) => Ok(Answered::Published(number, members, Instant::now())),
                None => Err(no_member()),
            })
        });
    }

    fn note(&mut self, answered: Answered) {
        match answered {
            Answered::Beat => self.beat.is_answered = true,
            Answered::Published(number, mut members, at) => {
                members.retain(|(member, _)| **member != *self.name);
                self.deliveries.published(number, members, at);
                self.publishing -= 1;
                self.publish();
            }
            Answered::Done => {}
        }
    }

    fn receive(&mut self, push: Option<PushInfo>) -> Result<(), Ended> {
        let lost = || Ended::Lost("the connection has ended".to_owned());
        let push = push
            .filter(|push| push.kind != PushKind::Disconnection)
            .ok_or_else(lost)?;
        let Some(message) = Msg::from_push_info(push) else {
            return Ok(());
        };
        let payload = String::from_utf8_lossy(message.get_payload_bytes());
        if message.get_channel_name() == self.registry.common_channel() {
            self.hear(&payload);
        } else {
            self.receive_alone(&payload);
        }
        Ok(())
    }

    /// Something was announced, by anybody.
    fn hear(&mut self, payload: &str) {
        let Some(published) = Published::decode(payload) else {
            tracing::warn!("something that is no announcement was published");
            return self.shared.tell(|listener| listener.missed());
        };
        if process_of(&published.announcer) == process_of(&self.name) {
            return;
        }
        self.shared.tell(|listener| match published.content {
            Content::Everything => listener.missed(),
            Content::These(announcements) => {
                for announcement in announcements {
                    listener.heard(announcement);
                }
            }
        });
        let (registry, name, connection) = self.for_a_call();
        self.call(async move {
            let (number, member) = (published.number, name.to_string());
            let heard = ToOne::Heard { number, member };
            registry.acknowledge(connection, &published.announcer, &heard).await?;
            Ok(Ok(Answered::Done))
        });
    }

    /// Something was sent to this member.
    fn receive_alone(&mut self, payload: &str) {
        match ToOne::decode(payload) {
            Some(ToOne::Beat(number)) if number == self.beat.number => {
                if self.beat.sent_at >= self.listens_from {
                    self.shared.lease.extend(self.beat.sent_at);
                }
            }
            Some(ToOne::Heard { number, member }) => self.deliveries.acknowledged(number, member),
            Some(ToOne::Beat(_)) | None => {}
        }
    }

    /// Answers whom it can, and strikes off who did not acknowledge in time.
    fn settle(&mut self) {
        let silent = self.deliveries.settle(Instant::now());
        if !silent.is_empty() {
            tracing::info!(
                processes = silent.len(),
                "processes that are gone are not waited for any more"
            );
            let (registry, _, connection) = self.for_a_call();
            self.call(async move {
                registry.strike_off(connection, &silent).await?;
                Ok(Ok(Answered::Done))
            });
        }
    }

    /// What was not delivered waits for the next membership; who waits for that as well, unless nobody knows how long it will be.
    async fn end(self, ended: &Ended) {
        self.shared.note_interruption();
        for mut batch in self.deliveries.give_up().into_iter().rev() {
            if !matches!(ended, Ended::Lost(_)) {
                let callers = std::mem::take(&mut batch.callers);
                callers.answer(&Err(unavailable("no answer in time")));
            }
            self.shared.outbound.put_back(batch);
        }
        if matches!(ended, Ended::Closed) {
            let left = timeout(self.timeout, self.registry.leave(self.connection, &self.name)).await;
            tracing::debug!(in_good_order = matches!(left, Ok(Ok(()))), "announcements are closed");
        }
    }

    fn for_a_call(&self) -> (Arc<Registry>, Arc<str>, MultiplexedConnection) {
        (
            Arc::clone(&self.registry),
            Arc::clone(&self.name),
            self.connection.clone(),
        )
    }

    /// Begins a call whose answer is noted later.
    fn call(&self, call: impl Future<Output = RedisResult<Result<Answered, Ended>>> + Send + 'static) {
        let bounded = timeout(self.timeout, call);
        let answered = async move {
            match bounded.await {
                Ok(Ok(answered)) => answered,
                Ok(Err(error)) if error.is_timeout() => Err(Ended::Silent),
                Ok(Err(error)) => Err(Ended::Lost(error.to_string())),
                Err(_) => Err(Ended::Silent),
            }
        };
        self.calls.push(answered.boxed());
    }
}

fn no_member() -> Ended {
    Ended::Lost("Redis has lost its registry of members".to_owned())
}

/// A process is many members, one after another.
fn process_of(member: &str) -> &str {
    member.split_once('.').map_or(member, |(process, _)| process)
}
