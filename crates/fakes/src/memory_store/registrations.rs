//! Pending registrations.

use super::{MemoryStore, State};
use async_trait::async_trait;
use gatewright_application::ports::change::RegistrationChange;
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::registrations::Registrations;
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::ChallengeSubject;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::{Registration, RegistrationId};
use std::cmp::Reverse;

#[async_trait]
impl Registrations for MemoryStore {
    async fn find(&self, id: RegistrationId) -> Result<Option<Registration>, PortError> {
        let state = self.state();
        Ok(state.registrations.iter().find(|waiting| waiting.id == id).cloned())
    }

    async fn waiting_for(&self, email: &EmailAddress, now: Timestamp) -> Result<Vec<Registration>, PortError> {
        let state = self.state();
        let waits = |registration: &&Registration| registration.email == *email && now < registration.expires_at;
        let mut waiting: Vec<Registration> = state.registrations.iter().filter(waits).cloned().collect();
        waiting.sort_by_key(|registration| Reverse(registration.created_at));
        Ok(waiting)
    }
}

impl State {
    pub(super) fn apply_to_registrations(&mut self, change: RegistrationChange) {
        match change {
            RegistrationChange::Insert(registration) => self.registrations.push(registration),
            RegistrationChange::DropAllFor(email) => self.drop_registrations_for(&email),
        }
    }

    fn drop_registrations_for(&mut self, email: &EmailAddress) {
        let dropped: Vec<Registration> = self
            .registrations
            .extract_if(.., |registration| registration.email == *email)
            .collect();
        let belongs_to_one = |subject: &ChallengeSubject| match subject {
            ChallengeSubject::Registration { id, .. } => dropped.iter().any(|registration| registration.id == *id),
            _ => false,
        };
        self.challenges
            .retain(|stored| !belongs_to_one(&stored.challenge.subject));
    }
}
