//! Sessions: rotation under contention, expiry, recognition.

use crate::world::{ANN, PASSWORD, Spawned, World};
use async_trait::async_trait;
use gatewright_application::audit::AuditEventType;
use gatewright_application::mail::content::MailTemplate;
use gatewright_application::ports::change::{Change, Changes, SessionChange};
use gatewright_application::ports::clock::Clock as _;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::refresh_tokens::RefreshTokens as _;
use gatewright_application::ports::remembered_identities::RememberedIdentities as _;
use gatewright_application::request::RequestContext;
use gatewright_application::session::authenticate_access_token::AuthenticateAccessTokenError;
use gatewright_application::session::forgetting_changes::ForgettingChanges;
use gatewright_application::session::rotate_refresh_token::RotateRefreshTokenError;
use gatewright_application::session::sign_out::SignOutToken;
use gatewright_domain::Duration;
use gatewright_domain::session::client::Client;
use gatewright_domain::session::refresh::rotated;
use gatewright_domain::session::session::{SessionEnd, SessionPolicy};
use gatewright_fakes::announcements::AnnouncementHub;
use gatewright_fakes::memory_store::MemoryStore;
use gatewright_fakes::plain_refresh_tokens::PlainRefreshTokens;
use gatewright_fakes::remembered_identities::ListedIdentities;
use secrecy::ExposeSecret as _;
use std::sync::Arc;
use tokio::sync::Notify;

#[tokio::test]
async fn a66_a_refresh_that_another_one_overtakes_gets_the_winners_successor() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let tokens = PlainRefreshTokens::default();
    let successor = tokens.successor(&tokens.read(&grant.refresh_token).unwrap());
    let (policy, client, now) = (SessionPolicy::default(), Client::default(), world.clock.now());
    let won = rotated(&world.store.sessions()[0], successor.digest, &client, &policy, now);
    // The winner writes between the loser's read and its own write.
    let winner = SessionChange::Rotate { to: won.clone() };
    world.store.interfere_before_next_apply(vec![Change::Session(winner)]);
    let loser = world.refresh(&grant.refresh_token).await.unwrap();
    assert_eq!(loser.refresh_token.expose_secret(), successor.token.expose_secret());
    assert_eq!(world.store.sessions(), [won], "the loser wrote");
}

#[tokio::test]
async fn a66_a_session_that_ends_while_it_is_refreshed_stays_ended() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let end = SessionChange::End {
        id: grant.session_id,
        at: world.clock.now(),
        reason: SessionEnd::SignedOut,
    };
    world.store.interfere_before_next_apply(vec![Change::Session(end)]);
    let error = world.refresh(&grant.refresh_token).await.unwrap_err();
    assert!(matches!(error, RotateRefreshTokenError::Revoked), "{error}");
}

#[tokio::test]
async fn f11_a_lost_answer_is_repeated_within_the_grace_and_not_after() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let first = world.refresh(&grant.refresh_token).await.unwrap();
    world.advance(Duration::seconds(10) - Duration::microseconds(1));
    let again = world.refresh(&grant.refresh_token).await.unwrap();
    assert_eq!(again.refresh_token.expose_secret(), first.refresh_token.expose_secret());
    world.advance(Duration::microseconds(1));
    let error = world.refresh(&grant.refresh_token).await.unwrap_err();
    assert!(matches!(error, RotateRefreshTokenError::Reused), "{error}");
    assert_eq!(
        world.store.sessions()[0].ended.map(|(_, reason)| reason),
        Some(SessionEnd::TokenReused)
    );
    assert_eq!(world.mail_to(ANN).template, MailTemplate::SessionEndedForReuse);
    assert_eq!(world.store.audited().last(), Some(&AuditEventType::TokenReused));
    let error = world.refresh(&first.refresh_token).await.unwrap_err();
    assert!(matches!(error, RotateRefreshTokenError::Revoked), "{error}");
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_when_it_is_old() {
    let world = World::new();
    let mut grant = world.signed_in(ANN).await;
    let idle = world.sign_in(ANN, PASSWORD).await.unwrap();
    for _ in 0..4 {
        world.advance(Duration::days(7) - Duration::seconds(1));
        grant = world.refresh(&grant.refresh_token).await.unwrap();
    }
    assert!(
        grant.refresh_expires_in < Duration::days(3),
        "the idle life outlasts the absolute one"
    );
    let error = world.refresh(&idle.refresh_token).await.unwrap_err();
    assert!(matches!(error, RotateRefreshTokenError::Expired), "{error}");
    world.advance(Duration::days(2) + Duration::seconds(4));
    let error = world.refresh(&grant.refresh_token).await.unwrap_err();
    assert!(matches!(error, RotateRefreshTokenError::Expired), "{error}");
}

#[tokio::test]
async fn a72_a_remembered_identity_is_forgotten_at_sign_out() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let token = grant.access_token.expose_secret();
    let authenticate = &world.application.authenticate_access_token;
    authenticate.execute(token).await.unwrap();
    let sign_out = SignOutToken::Refresh(grant.refresh_token.clone());
    world
        .application
        .sign_out
        .execute(&sign_out, &RequestContext::default())
        .await
        .unwrap();
    let error = authenticate.execute(token).await.unwrap_err();
    assert!(matches!(error, AuthenticateAccessTokenError::Revoked), "{error}");
}

#[tokio::test]
async fn an_access_token_ends_with_its_time() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let token = grant.access_token.expose_secret();
    world.advance(Duration::minutes(15) - Duration::microseconds(1));
    world
        .application
        .authenticate_access_token
        .execute(token)
        .await
        .unwrap();
    world.advance(Duration::microseconds(1));
    let error = world
        .application
        .authenticate_access_token
        .execute(token)
        .await
        .unwrap_err();
    assert!(matches!(error, AuthenticateAccessTokenError::Expired), "{error}");
}

#[tokio::test]
async fn of_simultaneous_replays_one_ends_the_session_and_mails_its_owner() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let second = world.refresh(&grant.refresh_token).await.unwrap();
    world.refresh(&second.refresh_token).await.unwrap();
    let mails = world.store.mails().len();
    let end = SessionChange::End {
        id: grant.session_id,
        at: world.clock.now(),
        reason: SessionEnd::TokenReused,
    };
    world.store.interfere_before_next_apply(vec![Change::Session(end)]);
    let error = world.refresh(&grant.refresh_token).await.unwrap_err();
    assert!(matches!(error, RotateRefreshTokenError::Revoked), "{error}");
    assert_eq!(world.store.mails().len(), mails);
}

/// Applies when it is told to, however long its caller has been gone by then.
struct Held {
    store: Arc<MemoryStore>,
    begun: Notify,
    released: Notify,
    applied: Notify,
}

#[async_trait]
impl Changes for Held {
    async fn apply(&self, changes: Vec<Change>) -> Result<(), PortError> {
        self.begun.notify_one();
        self.released.notified().await;
        let outcome = self.store.apply(changes).await;
        self.applied.notify_one();
        outcome
    }
}

#[tokio::test]
async fn a72_a_sign_out_acts_at_once_also_where_its_caller_went_away() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let (begun, released, applied) = (Notify::new(), Notify::new(), Notify::new());
    let held = Arc::new(Held {
        store: Arc::clone(&world.store),
        begun,
        released,
        applied,
    });
    let identities = Arc::new(ListedIdentities::default());
    let changes = ForgettingChanges {
        inner: held.clone(),
        identities: identities.clone(),
        announcements: AnnouncementHub::default().join(),
        uninterrupted: Arc::new(Spawned),
    };
    let identity = world.identity(&grant).await;
    let token = grant.access_token.expose_secret();
    let end = SessionChange::End {
        id: grant.session_id,
        at: world.clock.now(),
        reason: SessionEnd::SignedOut,
    };
    let caller = tokio::spawn(async move { changes.apply(vec![Change::Session(end)]).await });
    held.begun.notified().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    // Remembered while the sign-out is under way, as by another request of the same session.
    identities.remember(token, identity, identities.epoch());
    assert!(identities.recall(token, world.clock.now()).is_some());
    held.released.notify_one();
    held.applied.notified().await;
    tokio::task::yield_now().await;
    assert!(identities.recall(token, world.clock.now()).is_none());
}
