//! Telling the other processes that share the database what they must no longer remember.

use crate::ports::error::PortError;
use async_trait::async_trait;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;
use std::sync::Arc;

/// What all processes have to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Announcement {
    /// Whatever is remembered of this session is worth nothing any more.
    SessionChanged(SessionId),
    /// Whatever is remembered of this user and their sessions is worth nothing any more.
    UserChanged(UserId),
    /// The rules about client addresses are to be read again.
    AddressRulesChanged,
}

/// Hears announcements of other processes. Called on the announcements' own task: it must not block.
pub trait AnnouncementListener: Send + Sync {
    /// Another process announced this.
    fn heard(&self, announcement: Announcement);

    /// Some may have been missed: forget everything.
    fn missed(&self);
}

/// Announces to every process that shares the database, and hears what they announce.
///
/// The promise that sign-outs rest on: once [`announce`](Self::announce) has answered `Ok`, no process relies on what it
/// remembered before. Each has either heard it, or its [`is_listening`](Self::is_listening) is `false` by then and stays so until
/// its listener was told that it missed something.
#[async_trait]
pub trait Announcements: Send + Sync {
    /// Announces, and waits until the promise holds. Where it answers an error the announcement MUST be delivered later, without
    /// being asked again, for as long as this process lives.
    async fn announce(&self, announcements: &[Announcement]) -> Result<(), PortError>;

    /// Whether this process hears announcements at this moment. While it does not, nothing that is remembered may be relied on.
    fn is_listening(&self) -> bool;

    /// Names who hears, from now on. MUST NOT be told its own process's announcements: whoever announces has forgotten before.
    fn listen(&self, listener: Arc<dyn AnnouncementListener>);
}
