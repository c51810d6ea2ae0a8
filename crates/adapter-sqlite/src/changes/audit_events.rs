//! Adding to the audit trail.

use crate::error::Failure;
use crate::rows::audit_events::AuditEventRow;
use crate::schema::audit_events;
use diesel::prelude::*;
use gatewright_application::audit::AuditEvent;

pub(super) fn append(connection: &mut SqliteConnection, event: &AuditEvent) -> Result<(), Failure> {
    diesel::insert_into(audit_events::table)
        .values(AuditEventRow::from(event))
        .execute(connection)?;
    Ok(())
}
