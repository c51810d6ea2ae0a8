//! Relying on remembered identities only while forgetting reaches this process.

use crate::ports::announcements::{Announcement, AnnouncementListener, Announcements};
use crate::ports::remembered_identities::{Epoch, RememberedIdentities};
use crate::session::identity::Identity;
use gatewright_domain::Timestamp;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;
use std::sync::Arc;

/// Recalls and remembers only while this process hears what others announce. While it does not, every token is verified and
/// its session read, as if nothing had been remembered.
pub struct TrustedIdentities {
    /// Remembers.
    pub inner: Arc<dyn RememberedIdentities>,
    /// Tells whether this process hears.
    pub announcements: Arc<dyn Announcements>,
}

impl RememberedIdentities for TrustedIdentities {
    fn recall(&self, token: &str, now: Timestamp) -> Option<Arc<Identity>> {
        // In this order. While it listens, whatever was announced before is forgotten, so what is recalled after is good as
        // of that moment. Asked afterwards, it might have missed something, recalled it, been told, and be listening again.
        let may_be_relied_on = self.announcements.is_listening();
        may_be_relied_on.then(|| self.inner.recall(token, now)).flatten()
    }

    fn epoch(&self) -> Epoch {
        self.inner.epoch()
    }

    fn remember(&self, token: &str, identity: Arc<Identity>, epoch: Epoch) {
        // Remembered now, it would be forgotten before anybody could recall it.
        if self.announcements.is_listening() {
            self.inner.remember(token, identity, epoch);
        }
    }

    fn forget_session(&self, session: SessionId) {
        self.inner.forget_session(session);
    }

    fn forget_user(&self, user: UserId) {
        self.inner.forget_user(user);
    }

    fn forget_all(&self) {
        self.inner.forget_all();
    }
}

/// Forgets what other processes announce.
pub struct ForgettingListener {
    /// Forgets.
    pub identities: Arc<dyn RememberedIdentities>,
}

impl AnnouncementListener for ForgettingListener {
    fn heard(&self, announcement: Announcement) {
        match announcement {
            Announcement::SessionChanged(session) => self.identities.forget_session(session),
            Announcement::UserChanged(user) => self.identities.forget_user(user),
            Announcement::AddressRulesChanged => {}
        }
    }

    fn missed(&self) {
        self.identities.forget_all();
    }
}
