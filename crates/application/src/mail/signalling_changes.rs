//! Waking the dispatcher when a mail was stored.

use crate::ports::change::{Change, Changes};
use crate::ports::error::PortError;
use crate::ports::outbox_signal::OutboxSignal;
use async_trait::async_trait;
use std::sync::Arc;

/// Applies changes and, where one of them is a mail, says so.
pub struct SignallingChanges {
    /// Applies.
    pub inner: Arc<dyn Changes>,
    /// Told of mails.
    pub signal: Arc<dyn OutboxSignal>,
}

#[async_trait]
impl Changes for SignallingChanges {
    async fn apply(&self, changes: Vec<Change>) -> Result<(), PortError> {
        let has_mail = changes.iter().any(|change| matches!(change, Change::Mail(_)));
        self.inner.apply(changes).await?;
        if has_mail {
            self.signal.mail_enqueued();
        }
        Ok(())
    }
}
