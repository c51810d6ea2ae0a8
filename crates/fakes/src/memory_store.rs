//! Every storage port over one state in memory.
//!
//! One file an aggregate, named like the adapters' own: what it stores, its reads and claims, and
//! how each change is applied. `changes` holds the dispatch and makes a list of changes all or
//! nothing by working on a copy. `looking_in` is for the assertions of tests.

mod attempt_counters;
mod challenges;
mod changes;
mod expired_rows;
mod jobs;
mod looking_in;
mod outbox;
mod registrations;
mod sessions;
mod users;

use gatewright_application::audit::AuditEvent;
use gatewright_application::ports::change::Change;
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_application::ports::users::Account;
use gatewright_domain::account::registration::Registration;
use gatewright_domain::session::session::Session;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A database in memory: users, registrations, challenges, sessions, counters, mails, audit trail, jobs.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
    interference: Mutex<Option<Vec<Change>>>,
}

#[derive(Debug, Clone, Default)]
struct State {
    users: Vec<Account>,
    registrations: Vec<Registration>,
    challenges: Vec<challenges::StoredChallenge>,
    sessions: Vec<Session>,
    counters: attempt_counters::Counters,
    mails: Vec<outbox::StoredMail>,
    audit_trail: Vec<AuditEvent>,
    jobs: jobs::StoredJobs,
}

impl MemoryStore {
    /// Applies `changes` right before the next list of changes, as if another request had come in
    /// between a use case's read and its write.
    pub fn interfere_before_next_apply(&self, changes: Vec<Change>) {
        *self.interference.lock().unwrap_or_else(PoisonError::into_inner) = Some(changes);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `Ok` where `holds`, the conflict named by `constraint` otherwise.
fn expect(holds: bool, constraint: Constraint) -> Result<(), PortError> {
    if holds {
        Ok(())
    } else {
        Err(PortError::Conflict(constraint))
    }
}
