//! The audit trail.

use crate::rows::columns::inet;
use crate::schema::audit_events;
use diesel::Insertable;
use gatewright_application::audit::AuditEvent;
use gatewright_domain::Timestamp;
use ipnet::IpNet;
use uuid::Uuid;

/// An entry as it is stored.
#[derive(Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub(crate) struct AuditEventRow<'a> {
    id: Uuid,
    at: Timestamp,
    event_type: &'static str,
    actor_id: Option<Uuid>,
    subject_id: Option<Uuid>,
    session_id: Option<Uuid>,
    address: Option<IpNet>,
    request_id: &'a str,
    reason: Option<&'static str>,
}

impl<'a> From<&'a AuditEvent> for AuditEventRow<'a> {
    fn from(event: &'a AuditEvent) -> Self {
        Self {
            id: event.id,
            at: event.at,
            event_type: event.event_type.as_str(),
            actor_id: event.actor.map(|user| user.0),
            subject_id: event.subject.map(|user| user.0),
            session_id: event.session.map(|session| session.0),
            address: inet(event.address),
            request_id: &event.request_id,
            reason: event.reason,
        }
    }
}
