//! Mails that wait.

use super::{MemoryStore, State};
use async_trait::async_trait;
use gatewright_application::mail::outbox_mail::{MailId, OutboxMail};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::outbox::{BACKLOG_COUNTED, Backlog, ClaimedMail, MailOutcome, Outbox};
use gatewright_domain::{Duration, Timestamp};
use uuid::Uuid;

/// A mail and where it stands.
#[derive(Debug, Clone)]
pub(super) struct StoredMail {
    pub(super) mail: OutboxMail,
    pub(super) progress: Progress,
    attempts: u32,
    claim: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    DueAt(Timestamp),
    Parked(Timestamp),
    Sent(Timestamp),
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn claim_due(
        &self,
        claim: Uuid,
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<ClaimedMail>, PortError> {
        let mut state = self.state();
        state.mails.sort_by_key(|stored| stored.mail.created_at);
        let due = state.mails.iter_mut().filter(|stored| stored.is_due(now));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(due.take(limit).map(|stored| stored.claim(claim, now + lease)).collect())
    }

    async fn release_claims(&self, now: Timestamp) -> Result<(), PortError> {
        for stored in self.state().mails.iter_mut().filter(|stored| stored.claim.is_some()) {
            stored.claim = None;
            stored.progress = Progress::DueAt(now);
        }
        Ok(())
    }

    async fn record(&self, id: MailId, claim: Uuid, outcome: MailOutcome, now: Timestamp) -> Result<(), PortError> {
        let mut state = self.state();
        let is_meant = |stored: &&mut StoredMail| stored.mail.id == id && stored.claim == Some(claim);
        if let Some(stored) = state.mails.iter_mut().find(is_meant) {
            stored.record(&outcome, now);
        }
        Ok(())
    }

    async fn backlog(&self, now: Timestamp) -> Result<Backlog, PortError> {
        let state = self.state();
        let due_at = |stored: &StoredMail| match stored.progress {
            Progress::DueAt(at) => Some(at),
            Progress::Parked(_) | Progress::Sent(_) => None,
        };
        let waiting: Vec<Timestamp> = state.mails.iter().filter_map(due_at).collect();
        let is_parked = |stored: &&StoredMail| matches!(stored.progress, Progress::Parked(_));
        Ok(Backlog {
            waiting: counted(waiting.len()),
            parked: counted(state.mails.iter().filter(is_parked).count()),
            oldest_due_at: waiting.into_iter().filter(|at| *at <= now).min(),
        })
    }
}

fn counted(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(BACKLOG_COUNTED).min(BACKLOG_COUNTED)
}

impl StoredMail {
    pub(super) fn was_sent(&self) -> bool {
        matches!(self.progress, Progress::Sent(_))
    }

    fn is_due(&self, now: Timestamp) -> bool {
        matches!(self.progress, Progress::DueAt(at) if at <= now)
    }

    fn claim(&mut self, claim: Uuid, until: Timestamp) -> ClaimedMail {
        self.progress = Progress::DueAt(until);
        self.attempts += 1;
        self.claim = Some(claim);
        ClaimedMail {
            mail: self.mail.clone(),
            claim,
            attempts: self.attempts,
        }
    }

    fn record(&mut self, outcome: &MailOutcome, now: Timestamp) {
        self.claim = None;
        self.progress = match outcome {
            MailOutcome::Sent => Progress::Sent(now),
            MailOutcome::Parked { .. } => Progress::Parked(now),
            MailOutcome::Retry { at, .. } => Progress::DueAt(*at),
        };
    }
}

impl State {
    pub(super) fn enqueue(&mut self, mail: OutboxMail) {
        self.mails.push(StoredMail {
            progress: Progress::DueAt(mail.created_at),
            mail,
            attempts: 0,
            claim: None,
        });
    }
}
