//! Several mails under way at once, some of which take their time.

use super::{dispatch, temporary};
use crate::world::{PASSWORD, World};
use async_trait::async_trait;
use gatewright_application::mail::dispatch_mail::{BATCH, DispatchMail};
use gatewright_application::mail::outbox_mail::MailId;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::mail_transport::{MailTransport, MailTransportError, OutgoingMail};
use gatewright_application::ports::outbox::{Backlog, ClaimedMail, MailOutcome, Outbox};
use gatewright_domain::{Duration, Timestamp};
use gatewright_fakes::manual_clock::ManualClock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;
use tokio::task::yield_now;
use uuid::Uuid;

/// A world in which this many people signed up, so that as many mails wait.
async fn world_with_mails(number: u32) -> World {
    let world = World::new();
    for person in 0..number {
        world.register(&format!("person{person}@example.org"), PASSWORD).await;
    }
    world
}

fn dispatcher(world: &World, transport: Arc<dyn MailTransport>) -> DispatchMail {
    DispatchMail {
        transport,
        ..world.application.dispatch_mail.clone()
    }
}

/// Answers the first mail only when `awaited` others were taken.
struct Stalling {
    awaited: u32,
    begun: AtomicU32,
    taken: AtomicU32,
    enough: Notify,
}

#[async_trait]
impl MailTransport for Stalling {
    async fn send(&self, _: &OutgoingMail) -> Result<(), MailTransportError> {
        if self.begun.fetch_add(1, Ordering::SeqCst) == 0 {
            self.enough.notified().await;
            return Err(temporary());
        }
        if self.taken.fetch_add(1, Ordering::SeqCst) + 1 == self.awaited {
            self.enough.notify_one();
        }
        Ok(())
    }

    fn concurrency(&self) -> u32 {
        2
    }
}

#[tokio::test]
async fn f15_a_mail_that_the_server_stalls_holds_up_no_other() {
    let world = world_with_mails(100).await;
    let transport = Arc::new(Stalling {
        awaited: 99,
        begun: AtomicU32::new(0),
        taken: AtomicU32::new(0),
        enough: Notify::new(),
    });
    let run = dispatcher(&world, transport);
    let report = tokio::time::timeout(std::time::Duration::from_secs(20), run.execute());
    let report = report.await.expect("the others wait for the one").unwrap();
    assert_eq!((report.sent, report.retried), (99, 1));
}

/// Notes how many mails were under way at once.
#[derive(Default)]
struct Counting {
    under_way: AtomicU32,
    most: AtomicU32,
}

#[async_trait]
impl MailTransport for Counting {
    async fn send(&self, _: &OutgoingMail) -> Result<(), MailTransportError> {
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(under_way, Ordering::SeqCst);
        yield_now().await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }

    fn concurrency(&self) -> u32 {
        3
    }
}

#[tokio::test]
async fn as_many_mails_are_under_way_as_the_transport_can_send() {
    let world = world_with_mails(50).await;
    let transport = Arc::new(Counting::default());
    let report = dispatcher(&world, transport.clone()).execute().await.unwrap();
    assert_eq!(report.sent, 50);
    assert_eq!(transport.most.load(Ordering::SeqCst), 3);
}

/// Takes the first three mails at once and 50 seconds for each further one.
struct Slow {
    clock: Arc<ManualClock>,
    sent: Mutex<Vec<MailId>>,
}

#[async_trait]
impl MailTransport for Slow {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailTransportError> {
        let mut sent = self.sent.lock().unwrap();
        if sent.len() >= 3 {
            self.clock.advance(Duration::seconds(50));
        }
        sent.push(mail.id);
        Ok(())
    }
}

#[tokio::test]
async fn f16_a_mail_whose_claim_could_end_under_way_is_given_back_and_not_sent_twice() {
    let world = world_with_mails(7).await;
    let transport = Arc::new(Slow {
        clock: world.clock.clone(),
        sent: Mutex::default(),
    });
    let dispatcher = dispatcher(&world, transport.clone());
    // One, two and four are claimed. The last claim holds for two minutes; the third of its mails would begin at 100 s.
    let report = dispatcher.execute().await.unwrap();
    assert_eq!((report.sent, report.retried), (5, 2));
    let report = dispatcher.execute().await.unwrap();
    assert_eq!(report.sent, 2, "what was given back is due at once");
    let mut sent = transport.sent.lock().unwrap().clone();
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), 7);
}

/// An outbox that can be read and not written.
struct Unrecorded(Arc<dyn Outbox>);

#[async_trait]
impl Outbox for Unrecorded {
    async fn claim_due(
        &self,
        claim: Uuid,
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<ClaimedMail>, PortError> {
        self.0.claim_due(claim, limit, lease, now).await
    }

    async fn release_claims(&self, now: Timestamp) -> Result<(), PortError> {
        self.0.release_claims(now).await
    }

    async fn record(&self, _: MailId, _: Uuid, _: MailOutcome, _: Timestamp) -> Result<(), PortError> {
        Err(PortError::Unavailable {
            dependency: "database",
            reason: "gone".to_owned(),
        })
    }

    async fn backlog(&self, now: Timestamp) -> Result<Backlog, PortError> {
        self.0.backlog(now).await
    }
}

#[tokio::test]
async fn where_nothing_can_be_recorded_nothing_more_is_sent() {
    let world = world_with_mails(BATCH).await;
    let dispatcher = DispatchMail {
        outbox: Arc::new(Unrecorded(world.store.clone())),
        ..world.application.dispatch_mail.clone()
    };
    dispatcher.execute().await.unwrap_err();
    assert!(world.transport.sent().len() <= 3, "{}", world.transport.sent().len());
}

#[tokio::test]
async fn a_run_goes_on_while_mails_are_due() {
    let world = world_with_mails(3 * BATCH).await;
    assert_eq!(dispatch(&world).await.sent, 3 * BATCH);
}

/// A server that refuses for now is asked about a few mails at a time, so that the others keep their tries.
#[tokio::test]
async fn a_refusal_for_now_makes_the_next_claim_small() {
    let world = world_with_mails(40).await;
    world.transport.refuse(Some(temporary()));
    let claims = Arc::new(Claims {
        outbox: world.store.clone(),
        limits: Mutex::default(),
    });
    let dispatcher = DispatchMail {
        outbox: claims.clone(),
        ..world.application.dispatch_mail.clone()
    };
    assert_eq!(dispatcher.execute().await.unwrap().retried, 40);
    assert!(claims.limits.lock().unwrap().iter().all(|limit| *limit <= 2));
}

/// Notes how many mails each claim asked for.
struct Claims {
    outbox: Arc<dyn Outbox>,
    limits: Mutex<Vec<u32>>,
}

#[async_trait]
impl Outbox for Claims {
    async fn claim_due(
        &self,
        claim: Uuid,
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<ClaimedMail>, PortError> {
        self.limits.lock().unwrap().push(limit);
        self.outbox.claim_due(claim, limit, lease, now).await
    }

    async fn release_claims(&self, now: Timestamp) -> Result<(), PortError> {
        self.outbox.release_claims(now).await
    }

    async fn record(&self, id: MailId, claim: Uuid, outcome: MailOutcome, now: Timestamp) -> Result<(), PortError> {
        self.outbox.record(id, claim, outcome, now).await
    }

    async fn backlog(&self, now: Timestamp) -> Result<Backlog, PortError> {
        self.outbox.backlog(now).await
    }
}
