-- Pages keep a fifth free, so that a refresh, which changes no indexed column, finds room beside the row's earlier
-- version and touches no index (a heap-only update).
create table sessions (
    id uuid not null primary key,
    user_id uuid not null references users (id) on delete cascade,
    device text not null,
    address inet,
    user_agent text,
    methods text[] not null,
    authenticated_at timestamptz not null,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    idle_expires_at timestamptz not null,
    expires_at timestamptz not null,
    generation bigint not null check (generation >= 0),
    token_digest bytea not null check (length(token_digest) = 32),
    previous_token_digest bytea check (length(previous_token_digest) = 32),
    previous_token_spent_at timestamptz,
    ended_at timestamptz,
    end_reason text collate "C",
    check ((previous_token_digest is null) = (previous_token_spent_at is null)),
    check ((ended_at is null) = (end_reason is null))
) with (fillfactor = 80);

-- Nothing in it changes when a session is refreshed.
create index sessions_user on sessions (user_id, ended_at);
