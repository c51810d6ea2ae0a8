//! Recovering an account, and changing what it is reached by.

use crate::world::{ANN, NEW_PASSWORD, World, by_link, secret};
use gatewright_application::account::request_email_change::RequestEmailChangeCommand;
use gatewright_application::account::verify_email_change::VerifyEmailChangeCommand;
use gatewright_application::challenge::redeem::{Proof, ProofFault};
use gatewright_application::password::reset_password::{ResetPasswordCommand, ResetPasswordError};
use gatewright_application::ports::change::{Change, UserChange};
use gatewright_application::ports::clock::Clock as _;
use gatewright_application::request::RequestContext;
use gatewright_application::session::open_session::TokenGrant;
use gatewright_domain::Duration;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::password::hash::PasswordHash;

async fn reset(world: &World, proof: Proof, password: &str) -> Result<(), ResetPasswordError> {
    let (new_password, context) = (secret(password), RequestContext::default());
    world
        .application
        .reset_password
        .execute(ResetPasswordCommand {
            proof,
            new_password,
            context,
        })
        .await
}

async fn forgot(world: &World) -> Proof {
    world
        .application
        .request_password_reset
        .execute(ANN, &RequestContext::default())
        .await
        .unwrap();
    by_link(&world.mail_to(ANN))
}

async fn ask_for_address(world: &World, grant: &TokenGrant, address: &str) -> Proof {
    let command = RequestEmailChangeCommand {
        identity: world.identity(grant).await,
        new_email: address.to_owned(),
        password: secret(crate::world::PASSWORD),
        context: RequestContext::default(),
    };
    world.application.request_email_change.execute(command).await.unwrap();
    by_link(&world.mail_to(address))
}

async fn change_address(world: &World, proof: Proof) -> bool {
    let command = VerifyEmailChangeCommand {
        proof,
        identity: None,
        context: RequestContext::default(),
    };
    world.application.verify_email_change.execute(command).await.is_ok()
}

#[tokio::test]
async fn a47_a_reset_link_works_for_fifteen_minutes() {
    for (age, works) in [
        (Duration::minutes(15) - Duration::microseconds(1), true),
        (Duration::minutes(15), false),
    ] {
        let world = World::new();
        world.signed_in(ANN).await;
        let proof = forgot(&world).await;
        world.advance(age);
        let outcome = reset(&world, proof, NEW_PASSWORD).await;
        assert_eq!(outcome.is_ok(), works);
        if let Err(error) = outcome {
            assert!(
                matches!(error, ResetPasswordError::Proof(ProofFault::Expired)),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_rejected_password_uses_no_link_up() {
    let world = World::new();
    world.signed_in(ANN).await;
    let proof = forgot(&world).await;
    for bad in ["too short", "passwordpassword", "ann@example.org"] {
        let error = reset(&world, proof.clone(), bad).await.unwrap_err();
        assert!(matches!(error, ResetPasswordError::Password(_)), "{bad}: {error}");
    }
    reset(&world, proof, NEW_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a38_a_reset_ends_a_pending_change_of_address() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let change = ask_for_address(&world, &grant, "thief@example.org").await;
    let proof = forgot(&world).await;
    reset(&world, proof, NEW_PASSWORD).await.unwrap();
    assert!(!change_address(&world, change).await);
    assert_eq!(world.store.accounts()[0].user.email.as_str(), ANN);
}

#[tokio::test]
async fn a_proven_address_voids_what_waits_for_it_elsewhere() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    world.register("new@example.org", "the attacker's password").await;
    let attackers = by_link(&world.mail_to("new@example.org"));
    let change = ask_for_address(&world, &grant, "new@example.org").await;
    assert!(change_address(&world, change).await);
    assert!(world.store.registrations().is_empty());
    let command = gatewright_application::registration::verify_registration::VerifyRegistrationCommand {
        proof: attackers,
        sign_in: true,
        context: RequestContext::default(),
    };
    assert!(world.application.verify_registration.execute(command).await.is_err());
    assert_eq!(world.store.accounts().len(), 1);
}

#[tokio::test]
async fn an_address_that_is_taken_meanwhile_is_not_taken_away() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let change = ask_for_address(&world, &grant, "new@example.org").await;
    world.signed_in("new@example.org").await;
    assert!(!change_address(&world, change).await);
    assert_eq!(world.store.accounts().len(), 2);
}

#[tokio::test]
async fn a_reset_that_overtakes_a_change_of_address_leaves_no_way_in() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let user = world.store.accounts()[0].user.id;
    let new = PasswordHash::from_phc("$plain$v=1$0$another".to_owned());
    let reset = UserChange::SetPassword {
        id: user,
        expected: None,
        new,
        at: world.clock.now(),
    };
    world.store.interfere_before_next_apply(vec![Change::User(reset)]);
    let command = RequestEmailChangeCommand {
        identity: world.identity(&grant).await,
        new_email: "thief@example.org".to_owned(),
        password: secret(crate::world::PASSWORD),
        context: RequestContext::default(),
    };
    let refused = world
        .application
        .request_email_change
        .execute(command)
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "wrong password");
    assert!(world.store.mails().iter().all(|mail| mail.to.as_str() == ANN));
}

#[tokio::test]
async fn a_reset_link_mailed_to_an_address_that_was_left_meanwhile_is_dead() {
    let world = World::new();
    world.signed_in(ANN).await;
    let user = world.store.accounts()[0].user.id;
    let email = EmailAddress::parse("new@example.org").unwrap();
    let left = UserChange::SetVerifiedEmail {
        id: user,
        email,
        at: world.clock.now(),
    };
    world.store.interfere_before_next_apply(vec![Change::User(left)]);
    let proof = forgot(&world).await;
    let error = reset(&world, proof, NEW_PASSWORD).await.unwrap_err();
    assert!(
        matches!(error, ResetPasswordError::Proof(ProofFault::InvalidLink)),
        "{error}"
    );
}
