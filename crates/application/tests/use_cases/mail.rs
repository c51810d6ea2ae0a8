//! Sending what the outbox holds.

mod under_way;

use crate::world::{ANN, PASSWORD, World};
use gatewright_application::mail::dispatch_mail::{DispatchReport, MAX_ATTEMPTS};
use gatewright_application::ports::mail_transport::MailTransportError;
use gatewright_domain::Duration;

fn temporary() -> MailTransportError {
    MailTransportError::Temporary("try later".to_owned())
}

async fn dispatch(world: &World) -> DispatchReport {
    world.application.dispatch_mail.execute().await.unwrap()
}

#[tokio::test]
async fn a_mail_is_sent_once() {
    let world = World::new();
    world.register(ANN, PASSWORD).await;
    assert_eq!(dispatch(&world).await.sent, 1);
    assert_eq!(dispatch(&world).await.total(), 0);
    let sent = world.transport.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to.as_str(), ANN);
}

#[tokio::test]
async fn f15_a_temporary_refusal_is_tried_again_later_and_a_permanent_one_is_not() {
    let world = World::new();
    world.register(ANN, PASSWORD).await;
    world.transport.refuse(Some(temporary()));
    assert_eq!(dispatch(&world).await.retried, 1);
    assert_eq!(dispatch(&world).await.total(), 0, "tried again at once");
    world.advance(Duration::seconds(12));
    world.transport.refuse(None);
    assert_eq!(dispatch(&world).await.sent, 1);

    world.register("bob@example.org", PASSWORD).await;
    world
        .transport
        .refuse(Some(MailTransportError::Permanent("no such mailbox".to_owned())));
    assert_eq!(dispatch(&world).await.parked, 1);
    world.transport.refuse(None);
    world.advance(Duration::days(1));
    assert_eq!(dispatch(&world).await.total(), 0);
}

#[tokio::test]
async fn f14_a_mail_whose_code_and_link_are_dead_is_not_sent() {
    let world = World::new();
    world.register(ANN, PASSWORD).await;
    world.advance(Duration::hours(24));
    assert_eq!(
        dispatch(&world).await,
        DispatchReport {
            parked: 1,
            ..DispatchReport::default()
        }
    );
    assert!(world.transport.sent().is_empty());
}

#[tokio::test]
async fn a_mail_that_is_never_taken_is_set_aside_in_the_end() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    dispatch(&world).await;
    // A notice has no date of expiry.
    world.refresh(&grant.refresh_token).await.unwrap();
    world.advance(Duration::seconds(10));
    world.refresh(&grant.refresh_token).await.unwrap_err();
    world.transport.refuse(Some(temporary()));
    let mut tries = 0;
    loop {
        let report = dispatch(&world).await;
        tries += report.total();
        if report.parked == 1 {
            break;
        }
        world.advance(Duration::hours(1));
    }
    assert_eq!(tries, MAX_ATTEMPTS);
}
