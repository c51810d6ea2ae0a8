-- What is over is found by when its end came. There is none for sessions idle too long: it would be written at every
-- refresh, so those are walked through.
create index registrations_end on registrations (expires_at);
create index challenges_end on challenges (greatest(code_expires_at, link_expires_at));
create index sessions_lifetime_end on sessions (expires_at);
create index sessions_ended on sessions (ended_at) where ended_at is not null;
create index attempt_counters_end on attempt_counters (window_ends_at);
create index outbox_mails_sent on outbox_mails (sent_at) where sent_at is not null;
create index outbox_mails_parked on outbox_mails (parked_at) where parked_at is not null;
create index audit_events_at on audit_events (at);
