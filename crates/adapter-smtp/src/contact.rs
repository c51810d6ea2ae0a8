//! How it stands between us and the mail server.

use crate::failure::{Cause, Failure};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long an outcome speaks for the present.
const VALID_FOR: Duration = Duration::from_secs(15);

/// The outcome of the last conversation with the server, whoever had it.
#[derive(Debug, Default)]
pub(crate) struct Contact(Mutex<Option<Last>>);

#[derive(Debug, Clone)]
struct Last {
    at: Instant,
    outcome: Result<(), String>,
}

impl Contact {
    /// Takes note, and logs what is new about it.
    pub(crate) fn note(&self, server: &str, outcome: &Result<(), Failure>) {
        let fault = outcome
            .as_ref()
            .err()
            .filter(|failure| matches!(failure.cause, Cause::Unreachable | Cause::Settings));
        let last = Last {
            at: Instant::now(),
            outcome: fault.map_or(Ok(()), |failure| Err(failure.reason.clone())),
        };
        let before = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(last.clone());
        let before = before.map_or(Ok(()), |before| before.outcome);
        match fault {
            _ if before == last.outcome => {}
            None => tracing::info!(server, "the mail server takes mails again"),
            Some(Failure {
                cause: Cause::Settings,
                reason,
                ..
            }) => {
                tracing::error!(
                    server,
                    reason,
                    "the mail server and our settings do not agree; mails wait"
                );
            }
            Some(Failure { reason, .. }) => tracing::warn!(server, reason, "no mail server; mails wait"),
        }
    }

    /// The last outcome, and whether it is too old to speak for the present.
    pub(crate) fn last(&self) -> Option<(Result<(), String>, bool)> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        Some((last.outcome, last.at.elapsed() > VALID_FOR))
    }
}
