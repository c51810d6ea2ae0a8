-- No foreign keys: the trail outlives whom it speaks of.
create table audit_events (
    id blob not null primary key check (length(id) = 16),
    at integer not null,
    event_type text not null,
    actor_id blob check (length(actor_id) = 16),
    subject_id blob check (length(subject_id) = 16),
    session_id blob check (length(session_id) = 16),
    address text,
    request_id text not null,
    reason text
) strict, without rowid;

-- Entries are added, and removed when their time is over; none is ever rewritten.
create trigger audit_events_are_never_rewritten before update on audit_events
begin
    select raise(abort, 'the audit trail is append-only');
end;
