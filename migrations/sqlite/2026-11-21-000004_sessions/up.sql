create table sessions (
    id blob not null primary key check (length(id) = 16),
    user_id blob not null references users (id) on delete cascade,
    device text not null,
    address text,
    user_agent text,
    methods text not null,
    authenticated_at integer not null,
    created_at integer not null,
    last_seen_at integer not null,
    idle_expires_at integer not null,
    expires_at integer not null,
    generation integer not null check (generation >= 0),
    token_digest blob not null check (length(token_digest) = 32),
    previous_token_digest blob check (length(previous_token_digest) = 32),
    previous_token_spent_at integer,
    ended_at integer,
    end_reason text,
    check ((previous_token_digest is null) = (previous_token_spent_at is null)),
    check ((ended_at is null) = (end_reason is null))
) strict;

-- Nothing in it changes when a session is refreshed.
create index sessions_user on sessions (user_id, ended_at);
