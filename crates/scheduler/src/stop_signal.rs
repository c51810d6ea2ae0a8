//! Whether the scheduler is to stop.

use tokio::sync::watch;

/// Tells whoever works for a scheduler that it stops.
#[derive(Debug, Clone)]
pub(crate) struct StopSignal(watch::Receiver<bool>);

impl StopSignal {
    /// The signal, and what sets it: `true`, or by being dropped.
    pub(crate) fn new() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    /// Waits until it is set.
    pub(crate) async fn set(&self) {
        // Where nobody can set it any more, it is.
        let _ = self.0.clone().wait_for(|set| *set).await;
    }
}
