//! Telling of an outage once, and not at every try.

use gatewright_application::ports::error::PortError;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether something works that is tried again and again.
#[derive(Debug)]
pub(crate) struct Outage {
    /// What cannot be done while it lasts.
    what: &'static str,
    lasts: AtomicBool,
}

impl Outage {
    /// It works until it is told otherwise.
    pub(crate) fn of(what: &'static str) -> Self {
        Self {
            what,
            lasts: AtomicBool::new(false),
        }
    }

    /// Takes note of a try that failed.
    pub(crate) fn failed(&self, error: &PortError) {
        let what = self.what;
        if self.lasts.swap(true, Ordering::Relaxed) {
            tracing::debug!(%error, "{what} is still not possible");
        } else {
            tracing::warn!(%error, "{what} is not possible now, and is tried again");
        }
    }

    /// Takes note of a try that worked.
    pub(crate) fn worked(&self) {
        if self.lasts.swap(false, Ordering::Relaxed) {
            tracing::info!("{} is possible again", self.what);
        }
    }
}
