drop index audit_events_at;
drop index outbox_mails_parked;
drop index outbox_mails_sent;
drop index attempt_counters_end;
drop index sessions_ended;
drop index sessions_lifetime_end;
drop index challenges_end;
drop index registrations_end;
