//! Sending mails: any number of schedulers, each mail once.

use crate::world::{World, until};
use gatewright_application::mail::content::{MailContent, MailTemplate};
use gatewright_application::mail::outbox_mail::{MailId, OutboxMail};
use gatewright_application::ports::change::{Change, Changes};
use gatewright_application::ports::clock::Clock;
use gatewright_application::ports::mail_sealer::MailSealer;
use gatewright_application::ports::outbox::Outbox;
use gatewright_application::ports::outbox_signal::OutboxSignal;
use gatewright_domain::Duration;
use gatewright_domain::account::email::EmailAddress;
use gatewright_fakes::plain_sealer::PlainSealer;
use gatewright_scheduler::{Scheduler, SchedulerOptions};
use tokio::time::sleep;

async fn enqueue(world: &World, count: usize) {
    for _ in 0..count {
        let id = MailId(world.work().dispatch_mail.secrets.new_id(world.clock.now()));
        let content = MailContent {
            template: MailTemplate::PasswordChanged,
            values: [].into(),
        };
        let mail = OutboxMail {
            id,
            template: MailTemplate::PasswordChanged,
            to: EmailAddress::parse("ann@example.org").unwrap(),
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
