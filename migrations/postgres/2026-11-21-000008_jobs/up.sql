-- One row a job: who runs it now, and what became of its last run. A run writes only while its fence is the row's.
create table jobs (
    name text collate "C" not null primary key check (length(name) between 1 and 64),
    fence bigint not null check (fence > 0),
    started_at timestamptz not null,
    -- Null: nobody holds it.
    leased_until timestamptz,
    -- The last run that came to its end, which need not be the last that began.
    finished_run_started_at timestamptz,
    finished_at timestamptz,
    outcome text collate "C" check (outcome in ('done', 'skipped', 'failed')),
    handled bigint check (handled >= 0),
    detail text,
    check ((outcome is null) = (finished_at is null)),
    check ((outcome is null) = (finished_run_started_at is null)),
    check ((outcome is not distinct from 'done') = (handled is not null)),
    check ((outcome is null or outcome = 'done') = (detail is null))
);
