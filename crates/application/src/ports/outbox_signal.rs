//! Waking whoever sends mail.

/// Told after a mail was stored, so that it leaves at once and not at the next look. Losing a signal delays a mail,
/// nothing more.
pub trait OutboxSignal: Send + Sync {
    /// At least one mail is due.
    fn mail_enqueued(&self);
}
