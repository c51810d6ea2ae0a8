//! Requests to end the process: SIGTERM, and Ctrl-C.

use std::io;
use tokio::signal;

/// Waits for them.
pub(crate) struct Terminations {
    #[cfg(unix)]
    terminate: signal::unix::Signal,
}

#[cfg(unix)]
impl Terminations {
    /// From now on a request does not end the process by itself.
    pub(crate) fn listen() -> io::Result<Self> {
        let terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
        Ok(Self { terminate })
    }

    /// The next request, or one since [`listen`](Self::listen).
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = signal::ctrl_c() => {}
        }
    }
}

#[cfg(not(unix))]
impl Terminations {
    /// Other systems know Ctrl-C only.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// The next Ctrl-C.
    pub(crate) async fn next(&mut self) {
        // Where it cannot be listened to it ends the process by itself.
        let _ = signal::ctrl_c().await;
    }
}
