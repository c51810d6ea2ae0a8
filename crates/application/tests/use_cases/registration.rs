//! Registration, at the boundaries of time and count.

use crate::world::{ANN, PASSWORD, World, by_code, by_link, secret, settings};
use gatewright_application::challenge::redeem::{Proof, ProofFault};
use gatewright_application::mail::content::MailTemplate;
use gatewright_application::registration::register_account::RegisterAccountCommand;
use gatewright_application::registration::verify_registration::{
    VerifiedRegistration, VerifyRegistrationCommand, VerifyRegistrationError,
};
use gatewright_application::request::RequestContext;
use gatewright_domain::Duration;
use gatewright_domain::account::registration::EmailVerification;
use gatewright_domain::session::client::Client;

async fn verify(world: &World, proof: Proof) -> Result<VerifiedRegistration, ProofFault> {
    let command = VerifyRegistrationCommand {
        proof,
        sign_in: true,
        context: RequestContext::default(),
    };
    world
        .application
        .verify_registration
        .execute(command)
        .await
        .map_err(|error| match error {
            VerifyRegistrationError::Proof(fault) => fault,
            other => panic!("{other}"),
        })
}

#[tokio::test]
async fn nothing_is_in_the_user_table_until_the_address_is_proven() {
    let world = World::new();
    let started = world.register(ANN, PASSWORD).await;
    assert!(world.store.accounts().is_empty());
    assert_eq!(world.store.registrations().len(), 1);
    assert_eq!(world.signal.count(), 1);
    verify(&world, by_code(&started, &world.mail_to(ANN))).await.unwrap();
    assert_eq!(world.store.accounts().len(), 1);
    assert!(world.store.registrations().is_empty());
}

#[tokio::test]
async fn a47_a_code_works_until_the_last_microsecond_of_its_ten_minutes() {
    for (age, works) in [
        (Duration::minutes(10) - Duration::microseconds(1), true),
        (Duration::minutes(10), false),
    ] {
        let world = World::new();
        let started = world.register(ANN, PASSWORD).await;
        let proof = by_code(&started, &world.mail_to(ANN));
        world.advance(age);
        let outcome = verify(&world, proof).await;
        assert_eq!(outcome.is_ok(), works);
        assert_eq!(outcome.err(), (!works).then_some(ProofFault::Expired));
    }
}

#[tokio::test]
async fn a47_a_link_works_until_the_last_microsecond_of_its_day() {
    for (age, works) in [
        (Duration::hours(24) - Duration::microseconds(1), true),
        (Duration::hours(24), false),
    ] {
        let world = World::new();
        world.register(ANN, PASSWORD).await;
        let proof = by_link(&world.mail_to(ANN));
        world.advance(age);
        let outcome = verify(&world, proof).await;
        assert_eq!(outcome.err(), (!works).then_some(ProofFault::Expired));
    }
}

#[tokio::test]
async fn a40_the_failures_of_a_day_are_forgotten_after_it() {
    let world = World::new();
    for _ in 0..2 {
        let started = world.register(ANN, PASSWORD).await;
        for _ in 0..5 {
            let wrong = Proof::Code {
                flow: started.flow,
                code: secret("no code"),
            };
            assert_eq!(verify(&world, wrong).await.unwrap_err(), ProofFault::InvalidCode);
        }
    }
    let started = world.register(ANN, PASSWORD).await;
    let right = by_code(&started, &world.mail_to(ANN));
    assert_eq!(verify(&world, right).await.unwrap_err(), ProofFault::InvalidCode);
    world.advance(Duration::hours(24));
    let started = world.register(ANN, PASSWORD).await;
    verify(&world, by_code(&started, &world.mail_to(ANN))).await.unwrap();
}

#[tokio::test]
async fn a01_a_known_address_costs_the_same_hash_and_the_same_writes() {
    let world = World::new();
    world.signed_in(ANN).await;
    let (hashed, challenges) = (world.hasher.hashed(), world.store.challenges().len());
    world.register(ANN, PASSWORD).await;
    assert_eq!(world.hasher.hashed(), hashed + 1);
    assert_eq!(world.store.challenges().len(), challenges + 1);
    assert_eq!(world.mail_to(ANN).template, MailTemplate::AlreadyRegistered);
    assert!(!world.mail_to(ANN).values.contains_key("code"));
}

#[tokio::test]
async fn asking_in_vain_uses_up_nothing_that_the_owner_needs() {
    let world = World::new();
    for _ in 0..50 {
        world
            .application
            .resend_registration
            .execute(ANN, &RequestContext::default())
            .await
            .unwrap();
        world
            .application
            .request_password_reset
            .execute(ANN, &RequestContext::default())
            .await
            .unwrap();
    }
    assert!(world.store.mails().is_empty());
    world.register(ANN, PASSWORD).await;
    assert_eq!(world.mail_to(ANN).template, MailTemplate::VerifyRegistration);
}

#[tokio::test]
async fn a31_mails_to_one_address_are_counted_by_the_hour_and_by_the_day() {
    let world = World::new();
    let mut sent = Vec::new();
    for _ in 0..4 {
        let before = world.store.mails().len();
        for _ in 0..8 {
            world.register(ANN, PASSWORD).await;
        }
        sent.push(world.store.mails().len() - before);
        world.advance(Duration::hours(1));
    }
    assert_eq!(sent, [5, 5, 0, 0]);
}

#[tokio::test]
async fn a28_a_contested_address_starts_without_a_password_where_a_resent_flow_proves_it() {
    let world = World::new();
    world.register(ANN, PASSWORD).await;
    world.register(ANN, "the attacker's password").await;
    let resent = world
        .application
        .resend_registration
        .execute(ANN, &RequestContext::default())
        .await
        .unwrap();
    verify(&world, by_code(&resent, &world.mail_to(ANN))).await.unwrap();
    assert_eq!(world.store.accounts().len(), 1);
    assert_eq!(world.store.accounts()[0].password, None);
}

#[tokio::test]
async fn a_resent_flow_keeps_the_password_where_nobody_contests_the_address() {
    let world = World::new();
    world.register(ANN, PASSWORD).await;
    let resent = world
        .application
        .resend_registration
        .execute(ANN, &RequestContext::default())
        .await
        .unwrap();
    verify(&world, by_code(&resent, &world.mail_to(ANN))).await.unwrap();
    world.sign_in(ANN, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn an_unproven_address_bars_the_account_once_verification_is_asked_for() {
    let off = gatewright_application::application::ApplicationSettings {
        email_verification: EmailVerification::Off,
        ..settings()
    };
    let world = World::with(off);
    let command = RegisterAccountCommand {
        email: ANN.to_owned(),
        password: secret(PASSWORD),
        username: None,
        display_name: None,
        context: RequestContext::default(),
    };
    world.application.register_account.execute(command).await.unwrap();
    world.sign_in(ANN, PASSWORD).await.unwrap();
    let mut strict = world.application.sign_in.clone();
    strict.verification = EmailVerification::Required;
    let sign_in = |password: &str| gatewright_application::session::sign_in::SignInCommand {
        login: ANN.to_owned(),
        password: secret(password),
        context: RequestContext::default(),
    };
    let told = strict.execute(sign_in(PASSWORD)).await.unwrap_err();
    assert_eq!(told.to_string(), "the e-mail address was never verified");
    // Only after the right password.
    let told = strict.execute(sign_in(crate::world::NEW_PASSWORD)).await.unwrap_err();
    assert_eq!(told.to_string(), "unknown account or wrong password");
}

/// The context of a request from that address.
fn from_address(address: &str) -> RequestContext {
    let client = Client {
        address: Some(address.parse().unwrap()),
        ..Client::default()
    };
    RequestContext {
        client,
        request_id: "test".to_owned(),
    }
}

async fn register_from(world: &World, address: &str, password: &str) -> Proof {
    let command = RegisterAccountCommand {
        email: ANN.to_owned(),
        password: secret(password),
        username: Some(format!("name-{}", password.len())),
        display_name: None,
        context: from_address(address),
    };
    world.application.register_account.execute(command).await.unwrap();
    by_link(&world.mail_to(ANN))
}

#[tokio::test]
async fn a28_a_link_of_a_contested_address_confirms_only_what_came_from_the_same_network() {
    for (followed_from, kept) in [("192.0.2.7", true), ("198.51.100.1", false)] {
        let world = World::new();
        let link = register_from(&world, "192.0.2.7", PASSWORD).await;
        register_from(&world, "203.0.113.5", "somebody else's password").await;
        let command = VerifyRegistrationCommand {
            proof: link,
            sign_in: true,
            context: from_address(followed_from),
        };
        let verified = world.application.verify_registration.execute(command).await.unwrap();
        assert_eq!(verified.password_kept, kept);
        let account = world.store.accounts().remove(0);
        assert_eq!(account.password.is_some(), kept);
        assert_eq!(account.user.username.is_some(), kept);
    }
}

#[tokio::test]
async fn a28_a_sign_up_that_could_not_be_mailed_still_makes_the_address_contested() {
    let world = World::new();
    world.register(ANN, "the attacker's password").await;
    let context = RequestContext::default();
    for _ in 0..4 {
        world
            .application
            .resend_registration
            .execute(ANN, &context)
            .await
            .unwrap();
    }
    let mails = world.store.mails().len();
    world.register(ANN, PASSWORD).await;
    assert_eq!(world.store.mails().len(), mails, "the hour's mails were used up");
    world.advance(Duration::hours(1));
    let resent = world
        .application
        .resend_registration
        .execute(ANN, &context)
        .await
        .unwrap();
    let verified = verify(&world, by_code(&resent, &world.mail_to(ANN))).await.unwrap();
    assert!(!verified.password_kept);
}
