drop table audit_events;
drop function audit_events_are_never_rewritten();
