//! What is removed, when, and which answers change by it.

use super::handled;
use crate::world::{ANN, NEW_PASSWORD, PASSWORD, World, by_code, by_link, secret};
use gatewright_application::challenge::redeem::{Proof, ProofFault};
use gatewright_application::jobs::job::Job;
use gatewright_application::registration::flow_started::FlowStarted;
use gatewright_application::registration::verify_registration::{VerifyRegistrationCommand, VerifyRegistrationError};
use gatewright_application::request::RequestContext;
use gatewright_application::session::rotate_refresh_token::RotateRefreshTokenError;
use gatewright_application::session::sign_out::SignOutToken;
use gatewright_domain::Duration;

const DAY: Duration = Duration::days(1);

async fn verify(world: &World, proof: Proof) -> Result<(), ProofFault> {
    let command = VerifyRegistrationCommand {
        proof,
        sign_in: false,
        context: RequestContext::default(),
    };
    match world.application.verify_registration.execute(command).await {
        Ok(_) => Ok(()),
        Err(VerifyRegistrationError::Proof(fault)) => Err(fault),
        Err(other) => panic!("{other:?}"),
    }
}

async fn remove_sign_ups(world: &World) -> u64 {
    handled(world, Job::RemoveExpiredRegistrations).await + handled(world, Job::RemoveExpiredChallenges).await
}

#[tokio::test]
async fn a_sign_up_under_way_stays() {
    let world = World::new();
    world.register(ANN, PASSWORD).await;
    let mail = world.mail_to(ANN);
    world.advance(DAY - Duration::MICROSECOND);
    remove_sign_ups(&world).await;
    assert_eq!(world.store.registrations().len(), 1);
    assert_eq!(verify(&world, by_link(&mail)).await, Ok(()));
}

#[tokio::test]
async fn whoever_is_late_is_told_so_for_a_day() {
    let world = World::new();
    let started = world.register(ANN, PASSWORD).await;
    let mail = world.mail_to(ANN);
    let (code, link) = (by_code(&started, &mail), by_link(&mail));
    world.advance(DAY * 2 - Duration::MICROSECOND);
    remove_sign_ups(&world).await;
    assert_eq!(verify(&world, link.clone()).await, Err(ProofFault::Expired));
    assert_eq!(verify(&world, code.clone()).await, Err(ProofFault::Expired));
    world.advance(Duration::MICROSECOND);
    remove_sign_ups(&world).await;
    assert_eq!(world.store.challenges(), []);
    assert_eq!(verify(&world, link).await, Err(ProofFault::InvalidLink));
    assert_eq!(verify(&world, code).await, Err(ProofFault::InvalidCode));
}

#[tokio::test]
async fn a_link_sent_again_at_the_last_moment_is_late_and_not_invalid_as_long_as_it_lives() {
    let world = World::new();
    world.register(ANN, PASSWORD).await;
    let end = world.store.registrations()[0].expires_at;
    world.clock.set(end - Duration::SECOND);
    resend(&world, ANN).await;
    let link = by_link(&world.mail_to(ANN));
    // The registration is over, and this link is not.
    world.clock.set(end + DAY - Duration::SECOND * 2);
    remove_sign_ups(&world).await;
    assert_eq!(verify(&world, link.clone()).await, Err(ProofFault::Expired));
    world.clock.set(end + DAY);
    remove_sign_ups(&world).await;
    assert_eq!(world.store.registrations(), []);
    assert_eq!(verify(&world, link).await, Err(ProofFault::Expired));
}

async fn resend(world: &World, email: &str) -> FlowStarted {
    let context = RequestContext::default();
    world
        .application
        .resend_registration
        .execute(email, &context)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_decoy_goes_when_a_real_challenge_does() {
    let world = World::new();
    world.register(ANN, PASSWORD).await;
    resend(&world, "nobody@example.org").await;
    for span in [DAY, DAY - Duration::MICROSECOND] {
        world.advance(span);
        remove_sign_ups(&world).await;
        assert_eq!(world.store.challenges().len(), 2);
    }
    world.advance(Duration::MICROSECOND);
    remove_sign_ups(&world).await;
    assert_eq!(world.store.challenges(), []);
}

#[tokio::test]
async fn wrong_codes_stay_counted_for_as_long_as_they_count() {
    let world = World::new();
    let wrong = |started: &FlowStarted| Proof::Code {
        flow: started.flow,
        code: secret("000000"),
    };
    let mut started = world.register(ANN, PASSWORD).await;
    for number in 1..=10 {
        assert_eq!(verify(&world, wrong(&started)).await, Err(ProofFault::InvalidCode));
        if number == 5 {
            started = resend(&world, ANN).await;
        }
    }
    // No try is left for the address, whatever was cleaned up.
    world.advance(DAY - Duration::minutes(10));
    remove_sign_ups(&world).await;
    started = resend(&world, ANN).await;
    let right = by_code(&started, &world.mail_to(ANN));
    assert_eq!(verify(&world, right).await, Err(ProofFault::InvalidCode));
}

#[tokio::test]
async fn a_live_session_stays_and_an_ended_one_is_kept_for_a_week() {
    let world = World::new();
    let live = world.signed_in(ANN).await;
    let ended = world.sign_in(ANN, PASSWORD).await.unwrap();
    let sign_out = SignOutToken::Refresh(ended.refresh_token);
    let context = RequestContext::default();
    world.application.sign_out.execute(&sign_out, &context).await.unwrap();
    world.advance(DAY * 7 - Duration::SECOND);
    let refreshed = world.refresh(&live.refresh_token).await.unwrap();
    assert_eq!(remove_sessions(&world).await, 0);
    world.advance(Duration::SECOND);
    assert_eq!(remove_sessions(&world).await, 1);
    let left: Vec<_> = world.store.sessions().iter().map(|session| session.id).collect();
    assert_eq!(left, [refreshed.session_id]);
    assert!(world.refresh(&refreshed.refresh_token).await.is_ok());
}

#[tokio::test]
async fn an_idle_session_goes_a_week_after_it_was_over() {
    let world = World::new();
    let idle = world.signed_in(ANN).await;
    // Idle after seven days, kept for seven more.
    world.advance(DAY * 14 - Duration::SECOND);
    assert_eq!(remove_sessions(&world).await, 0);
    let error = world.refresh(&idle.refresh_token).await.unwrap_err();
    assert!(matches!(error, RotateRefreshTokenError::Expired));
    world.advance(Duration::SECOND);
    assert_eq!(remove_sessions(&world).await, 1);
    let error = world.refresh(&idle.refresh_token).await.unwrap_err();
    assert!(matches!(error, RotateRefreshTokenError::Revoked));
}

async fn remove_sessions(world: &World) -> u64 {
    handled(world, Job::RemoveEndedSessions).await + handled(world, Job::RemoveIdleSessions).await
}

#[tokio::test]
async fn a_mail_that_waits_is_never_removed_and_a_sent_one_is_after_a_week() {
    let world = World::new();
    world.register(ANN, PASSWORD).await;
    world.application.dispatch_mail.execute().await.unwrap();
    world.register("bob@example.org", PASSWORD).await;
    world.advance(DAY * 7 - Duration::SECOND);
    assert_eq!(handled(&world, Job::RemoveOldMails).await, 0);
    world.advance(Duration::SECOND);
    assert_eq!(handled(&world, Job::RemoveOldMails).await, 1);
    assert_eq!(world.store.mails().len(), 1);
}

#[tokio::test]
async fn a_mail_set_aside_is_kept_for_longer() {
    let world = World::new();
    world.register(ANN, PASSWORD).await;
    // By then its code and link are of no use.
    world.advance(DAY);
    world.application.dispatch_mail.execute().await.unwrap();
    world.advance(DAY * 30 - Duration::SECOND);
    assert_eq!(handled(&world, Job::RemoveOldMails).await, 0);
    world.advance(Duration::SECOND);
    assert_eq!(handled(&world, Job::RemoveOldMails).await, 1);
}

#[tokio::test]
async fn the_audit_trail_is_kept_for_four_hundred_days() {
    let world = World::new();
    world.signed_in(ANN).await;
    assert!(world.sign_in(ANN, NEW_PASSWORD).await.is_err());
    let events = world.store.audit_trail().len();
    world.advance(DAY * 400 - Duration::SECOND);
    assert_eq!(handled(&world, Job::RemoveOldAuditEvents).await, 0);
    world.advance(Duration::SECOND);
    assert_eq!(handled(&world, Job::RemoveOldAuditEvents).await, events as u64);
}
