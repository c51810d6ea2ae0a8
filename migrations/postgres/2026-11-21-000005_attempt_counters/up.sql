create table attempt_counters (
    counter_key bytea not null primary key check (length(counter_key) = 32),
    taken bigint not null check (taken >= 0),
    window_ends_at timestamptz not null
) with (fillfactor = 70);
