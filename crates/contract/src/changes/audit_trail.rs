//! What is kept of the audit trail.

use crate::running::on_fresh;
use crate::samples::{MICROSECOND, NOON, audit_event, full_audit_event};
use crate::storage::Storage;
use gatewright_application::audit::{AuditEvent, AuditEventType};
use gatewright_application::ports::change::Change;
use std::net::Ipv4Addr;

/// Runs every case on a storage of its own.
pub async fn suite<F, Fut>(factory: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Storage>,
{
    on_fresh(&factory, an_event_with_nothing_optional_is_kept).await;
    on_fresh(&factory, an_event_with_everything_is_kept).await;
    on_fresh(&factory, an_event_of_any_type_is_kept).await;
}

async fn an_event_with_nothing_optional_is_kept(storage: Storage) {
    is_kept_exactly(&storage, audit_event(1)).await;
}

async fn an_event_with_everything_is_kept(storage: Storage) {
    is_kept_exactly(&storage, full_audit_event(1)).await;
    let from_v4 = AuditEvent {
        address: Some(Ipv4Addr::new(203, 0, 113, 9).into()),
        ..full_audit_event(2)
    };
    is_kept_exactly(&storage, from_v4).await;
}

async fn an_event_of_any_type_is_kept(storage: Storage) {
    for (number, event_type) in (1..).zip(AuditEventType::ALL) {
        let event = AuditEvent {
            event_type,
            ..audit_event(number)
        };
        is_kept_exactly(&storage, event).await;
    }
}

async fn is_kept_exactly(storage: &Storage, event: AuditEvent) {
    let inspection = &storage.inspection;
    assert!(!inspection.holds_audit_event(&event).await);
    storage.given([Change::Audit(event.clone())]).await;
    assert!(inspection.holds_audit_event(&event).await, "{event:?}");
    // An inspection that looks at the id alone would see these as well.
    let others = [
        AuditEvent {
            at: NOON + MICROSECOND,
            ..event.clone()
        },
        AuditEvent {
            request_id: "another-request".to_owned(),
            ..event.clone()
        },
        AuditEvent {
            reason: Some("another_reason"),
            ..event
        },
    ];
    for other in others {
        assert!(!inspection.holds_audit_event(&other).await, "{other:?}");
    }
}
