-- Times are microseconds since the epoch in UTC, ids are UUIDs of 16 bytes, digests have 32 bytes.

create table users (
    id blob not null primary key check (length(id) = 16),
    email text not null,
    email_canonical text not null,
    email_verified_at integer,
    username text,
    username_canonical text,
    display_name text,
    password_hash text,
    status text not null check (status in ('active', 'disabled')),
    created_at integer not null,
    updated_at integer not null,
    last_login_at integer,
    settings text not null,
    check ((username is null) = (username_canonical is null))
) strict;

create unique index users_email_canonical on users (email_canonical);
create unique index users_username_canonical on users (username_canonical) where username_canonical is not null;

create table user_roles (
    user_id blob not null references users (id) on delete cascade,
    role text not null check (length(role) between 1 and 64),
    primary key (user_id, role)
) strict, without rowid;
