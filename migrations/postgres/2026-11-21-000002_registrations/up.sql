create table registrations (
    id uuid not null primary key,
    email text not null,
    email_canonical text collate "C" not null,
    username text,
    display_name text,
    password_hash text not null,
    network inet,
    created_at timestamptz not null,
    expires_at timestamptz not null
);

-- Several may wait for one address: the first that is proven becomes the account.
create index registrations_email_canonical on registrations (email_canonical, created_at);
