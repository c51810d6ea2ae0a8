-- No foreign keys: the trail outlives whom it speaks of.
create table audit_events (
    id uuid not null primary key,
    at timestamptz not null,
    event_type text collate "C" not null,
    actor_id uuid,
    subject_id uuid,
    session_id uuid,
    address inet,
    request_id text not null,
    reason text
);

-- Entries are added, and removed when their time is over; none is ever rewritten.
create function audit_events_are_never_rewritten() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is append-only';
end
$$;

create trigger audit_events_are_never_rewritten before update on audit_events
    for each row execute function audit_events_are_never_rewritten();
create trigger audit_events_are_never_emptied before truncate on audit_events
    for each statement execute function audit_events_are_never_rewritten();
