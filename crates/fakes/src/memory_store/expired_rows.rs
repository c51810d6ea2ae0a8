//! Removing what is over.

use super::challenges::StoredChallenge;
use super::jobs::is_latest;
use super::outbox::Progress;
use super::{MemoryStore, State};
use async_trait::async_trait;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::expired_rows::{Expired, ExpiredRows, Removal, SessionSweep};
use gatewright_application::ports::jobs::JobRun;
use gatewright_domain::Timestamp;
use gatewright_domain::session::session::SessionId;

#[async_trait]
impl ExpiredRows for MemoryStore {
    async fn remove(&self, run: &JobRun, what: Expired, before: Timestamp, limit: u32) -> Result<Removal, PortError> {
        let mut state = self.state();
        if !is_latest(&state.jobs, run) {
            return Ok(Removal::Superseded);
        }
        let removed = state.remove(what, before, usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(Removal::Removed(u32::try_from(removed).unwrap_or(limit)))
    }

    async fn sweep_idle_sessions(
        &self,
        run: &JobRun,
        after: Option<SessionId>,
        before: Timestamp,
        limit: u32,
    ) -> Result<SessionSweep, PortError> {
        let mut state = self.state();
        if !is_latest(&state.jobs, run) {
            return Ok(SessionSweep::Superseded);
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        state.sessions.sort_by_key(|session| session.id);
        let following = state.sessions.iter().map(|session| session.id);
        let seen: Vec<SessionId> = following.filter(|id| Some(*id) > after).take(limit).collect();
        let idle = state.sessions.extract_if(.., |session| {
            seen.contains(&session.id) && session.idle_expires_at <= before
        });
        Ok(SessionSweep::Swept {
            removed: u32::try_from(idle.count()).unwrap_or(u32::MAX),
            next: seen.last().copied().filter(|_| seen.len() == limit),
        })
    }
}

impl State {
    fn remove(&mut self, what: Expired, before: Timestamp, limit: usize) -> usize {
        match what {
            Expired::Registrations => oldest(&mut self.registrations, |row| Some(row.expires_at), before, limit),
            Expired::Challenges => {
                let end = |StoredChallenge { challenge, .. }: &StoredChallenge| {
                    Some(challenge.code_expires_at.max(challenge.link_expires_at))
                };
                oldest(&mut self.challenges, end, before, limit)
            }
            Expired::EndedSessions => oldest(&mut self.sessions, |row| row.ended.map(|(at, _)| at), before, limit),
            Expired::OutlivedSessions => oldest(&mut self.sessions, |row| Some(row.expires_at), before, limit),
            Expired::AttemptCounters => self.counters.forget_ended(before, limit),
            Expired::SentMails => oldest(&mut self.mails, |row| sent_at(row.progress), before, limit),
            Expired::ParkedMails => oldest(&mut self.mails, |row| parked_at(row.progress), before, limit),
            Expired::AuditEvents => oldest(&mut self.audit_trail, |row| Some(row.at), before, limit),
        }
    }
}

/// Removes the oldest of `rows`, by their end, and says how many.
fn oldest<T>(rows: &mut Vec<T>, end: impl Fn(&T) -> Option<Timestamp>, before: Timestamp, limit: usize) -> usize {
    let is_over = |row: &T| end(row).filter(|end| *end <= before);
    let mut ends: Vec<Timestamp> = rows.iter().filter_map(is_over).collect();
    ends.sort_unstable();
    let Some(last) = ends.get(..limit.min(ends.len())).and_then(<[Timestamp]>::last).copied() else {
        return 0;
    };
    let removed = rows.extract_if(.., |row| is_over(row).is_some_and(|end| end <= last));
    removed.take(limit).count()
}

fn sent_at(progress: Progress) -> Option<Timestamp> {
    match progress {
        Progress::Sent(at) => Some(at),
        Progress::DueAt(_) | Progress::Parked(_) => None,
    }
}

fn parked_at(progress: Progress) -> Option<Timestamp> {
    match progress {
        Progress::Parked(at) => Some(at),
        Progress::DueAt(_) | Progress::Sent(_) => None,
    }
}
