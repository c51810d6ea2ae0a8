//! Announcements where there is nobody to announce to, or no way.

use async_trait::async_trait;
use gatewright_application::ports::announcements::{Announcement, AnnouncementListener, Announcements};
use gatewright_application::ports::error::PortError;
use std::sync::Arc;

/// Announcements of a process that is connected to no other.
#[derive(Debug, Clone, Copy)]
pub struct LocalAnnouncements {
    is_alone: bool,
}

impl LocalAnnouncements {
    /// There is no other process: nothing can be missed, so all that is remembered may be relied on.
    #[must_use]
    pub const fn alone() -> Self {
        Self { is_alone: true }
    }

    /// There may be other processes, and nothing connects them: none of them ever listens, so none relies on what it
    /// remembers, and nobody need be told.
    #[must_use]
    pub const fn unconnected() -> Self {
        Self { is_alone: false }
    }
}

#[async_trait]
impl Announcements for LocalAnnouncements {
    async fn announce(&self, _: &[Announcement]) -> Result<(), PortError> {
        Ok(())
    }

    fn is_listening(&self) -> bool {
        self.is_alone
    }

    fn listen(&self, _: Arc<dyn AnnouncementListener>) {}
}
