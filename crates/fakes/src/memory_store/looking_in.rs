//! What tests want to see of the store.

use super::MemoryStore;
use crate::plain_sealer::PlainSealer;
use gatewright_application::audit::{AuditEvent, AuditEventType};
use gatewright_application::mail::content::MailContent;
use gatewright_application::mail::outbox_mail::OutboxMail;
use gatewright_application::ports::mail_sealer::MailSealer;
use gatewright_application::ports::users::Account;
use gatewright_domain::account::challenge::Challenge;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::account::registration::Registration;
use gatewright_domain::session::session::Session;

impl MemoryStore {
    /// The users, in the order of their coming.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        self.state().users.clone()
    }

    /// The pending registrations, expired ones included.
    #[must_use]
    pub fn registrations(&self) -> Vec<Registration> {
        self.state().registrations.clone()
    }

    /// The challenges, used ones included.
    #[must_use]
    pub fn challenges(&self) -> Vec<Challenge> {
        let state = self.state();
        state.challenges.iter().map(|stored| stored.challenge.clone()).collect()
    }

    /// The sessions, ended ones included.
    #[must_use]
    pub fn sessions(&self) -> Vec<Session> {
        self.state().sessions.clone()
    }

    /// The mails, in the order of their writing, parked ones included and sent ones left out.
    #[must_use]
    pub fn mails(&self) -> Vec<OutboxMail> {
        let state = self.state();
        let unsent = state.mails.iter().filter(|stored| !stored.was_sent());
        unsent.map(|stored| stored.mail.clone()).collect()
    }

    /// What the newest unsent mail to `address` says, where the default [`PlainSealer`] sealed it.
    #[must_use]
    pub fn newest_mail_to(&self, address: &EmailAddress) -> Option<MailContent> {
        let mails = self.mails();
        let newest = mails.iter().rev().find(|mail| mail.to == *address)?;
        PlainSealer::default().open(newest.id, &newest.content).ok()
    }

    /// The audit trail, oldest first.
    #[must_use]
    pub fn audit_trail(&self) -> Vec<AuditEvent> {
        self.state().audit_trail.clone()
    }

    /// The types of the audit trail's events, oldest first.
    #[must_use]
    pub fn audited(&self) -> Vec<AuditEventType> {
        let state = self.state();
        state.audit_trail.iter().map(|event| event.event_type).collect()
    }
}
