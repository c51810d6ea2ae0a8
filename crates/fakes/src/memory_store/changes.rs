//! Applying lists of changes.

use super::{MemoryStore, State};
use async_trait::async_trait;
use gatewright_application::ports::change::{Change, Changes};
use gatewright_application::ports::error::PortError;
use std::sync::PoisonError;

#[async_trait]
impl Changes for MemoryStore {
    async fn apply(&self, changes: Vec<Change>) -> Result<(), PortError> {
        let interference = self.interference.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut state = self.state();
        if let Some(changes) = interference {
            *state = state.clone().after(changes)?;
        }
        *state = state.clone().after(changes)?;
        Ok(())
    }
}

impl State {
    fn after(mut self, changes: Vec<Change>) -> Result<Self, PortError> {
        for change in changes {
            match change {
                Change::Registration(change) => self.apply_to_registrations(change),
                Change::Challenge(change) => self.apply_to_challenges(change)?,
                Change::User(change) => self.apply_to_users(change)?,
                Change::Session(change) => self.apply_to_sessions(change)?,
                Change::Mail(mail) => self.enqueue(mail),
                Change::Audit(event) => self.audit_trail.push(event),
                Change::ResetCounter(key) => self.counters.reset(key),
            }
        }
        Ok(self)
    }
}
