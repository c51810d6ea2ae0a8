//! The audit trail.

use crate::rows::columns::{bytes, micros};
use crate::schema::audit_events;
use diesel::Insertable;
use gatewright_application::audit::AuditEvent;

/// An entry as it is stored.
#[derive(Insertable)]
#[diesel(table_name = audit_events)]
pub(crate) struct AuditEventRow<'a> {
    id: Vec<u8>,
    at: i64,
    event_type: &'static str,
    actor_id: Option<Vec<u8>>,
    subject_id: Option<Vec<u8>>,
    session_id: Option<Vec<u8>>,
    address: Option<String>,
    request_id: &'a str,
    reason: Option<&'static str>,
}

impl<'a> From<&'a AuditEvent> for AuditEventRow<'a> {
    fn from(event: &'a AuditEvent) -> Self {
        Self {
            id: bytes(event.id),
            at: micros(event.at),
            event_type: event.event_type.as_str(),
            actor_id: event.actor.map(|user| bytes(user.0)),
            subject_id: event.subject.map(|user| bytes(user.0)),
            session_id: event.session.map(|session| bytes(session.0)),
            address: event.address.map(|address| address.to_string()),
            request_id: &event.request_id,
            reason: event.reason,
        }
    }
}
