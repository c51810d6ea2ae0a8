//! Adding to the audit trail.

use crate::error::Failure;
use crate::rows::audit_events::AuditEventRow;
use crate::schema::audit_events;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use gatewright_application::audit::AuditEvent;

pub(super) async fn append(mut connection: &AsyncPgConnection, event: &AuditEvent) -> Result<(), Failure> {
    diesel::insert_into(audit_events::table)
        .values(AuditEventRow::from(event))
        .execute(&mut connection)
        .await?;
    Ok(())
}
