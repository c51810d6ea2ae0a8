//! Sending mails: any number of schedulers, each mail once.

use crate::world::{World, until};
use async_trait::async_trait;
use gatewright_application::mail::content::{MailContent, MailTemplate};
use gatewright_application::mail::outbox_mail::{MailId, OutboxMail};
use gatewright_application::ports::change::{Change, Changes};
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::mail_sealer::MailSealer;
use gatewright_application::ports::mail_transport::{MailTransport, MailTransportError, OutgoingMail};
use gatewright_application::ports::outbox::Outbox;
use gatewright_application::ports::outbox_signal::OutboxSignal;
use gatewright_domain::Duration;
use gatewright_domain::account::email::EmailAddress;
use gatewright_fakes::plain_sealer::PlainSealer;
use gatewright_fakes::recording_transport::RecordingTransport;
use gatewright_scheduler::{Scheduler, SchedulerOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::Semaphore;
use tokio::time::sleep;

async fn enqueue(world: &World, count: usize) {
    enqueue_to(world, "ann@example.org", count).await;
}

async fn enqueue_to(world: &World, address: &str, count: usize) {
    for _ in 0..count {
        let id = MailId(world.work().dispatch_mail.secrets.new_id(world.clock.now()));
        let content = MailContent {
            template: MailTemplate::PasswordChanged,
            values: [].into(),
        };
        let mail = OutboxMail {
            id,
            template: MailTemplate::PasswordChanged,
            to: EmailAddress::parse(address).unwrap(),
            content: PlainSealer::default().seal(id, &content).unwrap(),
            created_at: world.clock.now(),
            expires_at: None,
        };
        world.store.apply(vec![Change::Mail(mail)]).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn f16_three_schedulers_send_every_mail_once() {
    let world = World::new();
    enqueue(&world, 100).await;
    let schedulers: Vec<Scheduler> = (0..3).map(|_| world.start()).collect();
    until(async || world.transport.sent().len() == 100).await;
    for scheduler in schedulers {
        scheduler.stop().await;
    }
    assert_eq!(world.transport.sent().len(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_mail_leaves_when_it_is_announced() {
    let world = World::new();
    let work = world.work();
    let signal = work.mail_signal.clone();
    let scheduler = Scheduler::start(work, SchedulerOptions::default());
    sleep(std::time::Duration::from_millis(500)).await;
    enqueue(&world, 1).await;
    signal.mail_enqueued();
    // Long before anybody would look by itself.
    sleep(std::time::Duration::from_millis(1)).await;
    assert_eq!(world.transport.sent().len(), 1);
    scheduler.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_process_held_leaves_at_once_where_nobody_else_sends() {
    let world = World::new();
    enqueue(&world, 1).await;
    let claim = world.work().dispatch_mail.secrets.new_id(world.clock.now());
    let held = world
        .store
        .claim_due(claim, 10, Duration::minutes(2), world.clock.now())
        .await;
    assert_eq!(held.unwrap().len(), 1);

    let one_of_many = world.start();
    sleep(std::time::Duration::from_mins(1)).await;
    assert_eq!(world.transport.sent().len(), 0, "it took what another may be sending");
    one_of_many.stop().await;

    let mut work = world.work();
    work.sends_alone = true;
    let alone = Scheduler::start(work, SchedulerOptions::default());
    until(async || world.transport.sent().len() == 1).await;
    alone.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_due_leaves_before_the_scheduler_stops() {
    let world = World::new();
    let scheduler = world.start();
    sleep(std::time::Duration::from_millis(500)).await;
    enqueue(&world, 40).await;
    scheduler.stop().await;
    assert_eq!(world.transport.sent().len(), 40);
}

/// Whose mails the server takes its time over.
const SLOW: &str = "slow@example.org";

/// A server that does not answer for [`SLOW`] until it is told to.
struct SlowForOne {
    others: Arc<RecordingTransport>,
    asked: AtomicUsize,
    answers: Semaphore,
}

impl SlowForOne {
    fn over(others: Arc<RecordingTransport>) -> Arc<Self> {
        Arc::new(Self {
            others,
            asked: AtomicUsize::new(0),
            answers: Semaphore::new(0),
        })
    }
}

#[async_trait]
impl MailTransport for SlowForOne {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailTransportError> {
        if mail.to.as_str() == SLOW {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let _answer = self.answers.acquire().await.unwrap();
        }
        self.others.send(mail).await
    }
}

fn start_over(world: &World, transport: Arc<dyn MailTransport>) -> Scheduler {
    let mut work = world.work();
    work.dispatch_mail.transport = transport;
    Scheduler::start(work, SchedulerOptions::default())
}

#[tokio::test(start_paused = true)]
async fn f15_a_server_that_does_not_answer_for_one_holds_up_nobody_who_comes_later() {
    let world = World::new();
    let transport = SlowForOne::over(world.transport.clone());
    let scheduler = start_over(&world, transport.clone());
    enqueue_to(&world, SLOW, 1).await;
    until(async || transport.asked.load(Ordering::SeqCst) == 1).await;
    for sent in 1..=10 {
        enqueue(&world, 1).await;
        until(async || world.transport.sent().len() == sent).await;
    }
    transport.answers.add_permits(1);
    until(async || world.transport.sent().len() == 11).await;
    scheduler.stop().await;
}

#[tokio::test(start_paused = true)]
async fn of_mails_that_are_not_answered_a_few_are_under_way_and_the_others_wait() {
    let world = World::new();
    let transport = SlowForOne::over(world.transport.clone());
    let scheduler = start_over(&world, transport.clone());
    enqueue_to(&world, SLOW, 10).await;
    sleep(std::time::Duration::from_secs(30)).await;
    assert_eq!(transport.asked.load(Ordering::SeqCst), 4);
    transport.answers.add_permits(1);
    until(async || world.transport.sent().len() == 10).await;
    scheduler.stop().await;
}

/// Panics at the first mail.
struct PanicsOnce {
    later: Arc<RecordingTransport>,
    panicked: AtomicBool,
}

#[async_trait]
impl MailTransport for PanicsOnce {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailTransportError> {
        let first = !self.panicked.swap(true, Ordering::SeqCst);
        assert!(!first, "a fault that this test is about");
        self.later.send(mail).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_sending_ends_neither_the_scheduler_nor_the_mail() {
    let world = World::new();
    let transport = Arc::new(PanicsOnce {
        later: world.transport.clone(),
        panicked: AtomicBool::new(false),
    });
    enqueue(&world, 1).await;
    let scheduler = start_over(&world, transport.clone());
    until(async || transport.panicked.load(Ordering::SeqCst)).await;
    // Its lease runs out.
    world.clock.advance(Duration::minutes(3));
    until(async || world.transport.sent().len() == 1).await;
    scheduler.stop().await;
}
