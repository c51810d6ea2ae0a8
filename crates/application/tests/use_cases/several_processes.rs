//! What several processes on one database tell each other.

use crate::world::{ANN, PASSWORD, Spawned, World};
use gatewright_application::ports::announcements::{Announcement, AnnouncementListener, Announcements as _};
use gatewright_application::ports::change::{Change, Changes as _, SessionChange, UserChange};
use gatewright_application::ports::clock::Clock as _;
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_application::ports::remembered_identities::RememberedIdentities as _;
use gatewright_application::request::RequestContext;
use gatewright_application::session::authenticate_access_token::AuthenticateAccessTokenError;
use gatewright_application::session::forgetting_changes::ForgettingChanges;
use gatewright_domain::account::user::UserId;
use gatewright_domain::password::hash::PasswordHash;
use gatewright_domain::session::session::{SessionEnd, SessionId};
use gatewright_fakes::announcements::HubProcess;
use secrecy::ExposeSecret as _;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

#[derive(Default)]
struct Heard(Mutex<Vec<Announcement>>);

impl AnnouncementListener for Heard {
    fn heard(&self, announcement: Announcement) {
        self.0.lock().unwrap().push(announcement);
    }

    fn missed(&self) {}
}

/// Another process, and what it hears.
fn another_process(world: &World) -> (Arc<HubProcess>, Arc<Heard>) {
    let (process, heard) = (world.hub.join(), Arc::<Heard>::default());
    process.listen(heard.clone());
    (process, heard)
}

#[tokio::test]
async fn a72_a_sign_out_is_announced_to_the_others() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let (_process, heard) = another_process(&world);
    let identity = world.identity(&grant).await;
    world
        .application
        .sign_out_everywhere
        .execute(&identity, &RequestContext::default())
        .await
        .unwrap();
    let expected = Announcement::UserChanged(identity.claims.user_id);
    assert_eq!(*heard.0.lock().unwrap(), [expected]);
}

#[tokio::test]
async fn a72_what_others_announce_is_forgotten_here() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let (process, _) = another_process(&world);
    let token = grant.access_token.expose_secret();
    let identity = world.identity(&grant).await;
    let remembers = || world.identities.recall(token, world.clock.now()).is_some();
    for announcement in [
        Announcement::SessionChanged(grant.session_id),
        Announcement::UserChanged(identity.claims.user_id),
    ] {
        let _ = world.identity(&grant).await;
        assert!(remembers());
        process.announce(&[Announcement::AddressRulesChanged]).await.unwrap();
        assert!(remembers());
        process.announce(&[announcement]).await.unwrap();
        assert!(!remembers());
    }
}

#[tokio::test]
async fn a72_who_does_not_listen_relies_on_nothing_remembered() {
    let world = World::new();
    let grant = world.signed_in(ANN).await;
    let _ = world.identity(&grant).await;
    world.announcements.disconnect();
    end_unheard(&world, grant.session_id).await;
    let token = grant.access_token.expose_secret();
    let outcome = world.application.authenticate_access_token.execute(token).await;
    assert!(matches!(outcome, Err(AuthenticateAccessTokenError::Revoked)));
    world.announcements.reconnect();
    let outcome = world.application.authenticate_access_token.execute(token).await;
    assert!(matches!(outcome, Err(AuthenticateAccessTokenError::Revoked)));
}

#[tokio::test]
async fn who_does_not_listen_works_all_the_same() {
    let world = World::new();
    world.announcements.disconnect();
    let grant = world.signed_in(ANN).await;
    let identity = world.identity(&grant).await;
    let token = grant.access_token.expose_secret();
    assert!(world.identities.recall(token, world.clock.now()).is_none());
    world
        .application
        .sign_out_everywhere
        .execute(&identity, &RequestContext::default())
        .await
        .unwrap();
    world.sign_in(ANN, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_change_that_certainly_did_not_happen_is_not_announced() {
    let world = World::new();
    let (_process, heard) = another_process(&world);
    let changes = ForgettingChanges {
        inner: world.store.clone(),
        identities: world.identities.clone(),
        announcements: world.announcements.clone(),
        uninterrupted: Arc::new(Spawned),
    };
    let user = UserId(Uuid::nil());
    let (except, at, reason) = (None, world.clock.now(), SessionEnd::SignedOut);
    let end = SessionChange::EndAllOf {
        user,
        except,
        at,
        reason,
    };
    let expected = UserChange::ExpectPassword {
        id: user,
        verified: PasswordHash::from_phc("of nobody".to_owned()),
    };
    let outcome = changes.apply(vec![Change::Session(end), Change::User(expected)]).await;
    assert_eq!(outcome, Err(PortError::Conflict(Constraint::UserExists)));
    assert_eq!(*heard.0.lock().unwrap(), []);
}

/// As by a process whose announcement does not get through.
async fn end_unheard(world: &World, id: SessionId) {
    let end = SessionChange::End {
        id,
        at: world.clock.now(),
        reason: SessionEnd::SignedOut,
    };
    world.store.apply(vec![Change::Session(end)]).await.unwrap();
}
