-- Whatever is compared by its bytes has the collation "C": equality is that of the canonical form, and no index breaks
-- when the machine's locales are updated.

create table users (
    id uuid not null primary key,
    email text not null,
    email_canonical text collate "C" not null,
    email_verified_at timestamptz,
    username text,
    username_canonical text collate "C",
    display_name text,
    password_hash text,
    status text collate "C" not null check (status in ('active', 'disabled')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    last_login_at timestamptz,
    -- The document to the letter; jsonb would rewrite it.
    settings json not null,
    check ((username is null) = (username_canonical is null))
) with (fillfactor = 90);

-- The program knows these names.
create unique index users_email_canonical on users (email_canonical);
create unique index users_username_canonical on users (username_canonical) where username_canonical is not null;

create table user_roles (
    user_id uuid not null references users (id) on delete cascade,
    role text collate "C" not null check (length(role) between 1 and 64),
    primary key (user_id, role)
);
