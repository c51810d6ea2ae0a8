create table attempt_counters (
    counter_key blob not null primary key check (length(counter_key) = 32),
    taken integer not null check (taken >= 0),
    window_ends_at integer not null
) strict, without rowid;
