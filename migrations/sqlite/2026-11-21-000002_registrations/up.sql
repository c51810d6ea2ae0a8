create table registrations (
    id blob not null primary key check (length(id) = 16),
    email text not null,
    email_canonical text not null,
    username text,
    display_name text,
    password_hash text not null,
    network text,
    created_at integer not null,
    expires_at integer not null
) strict;

-- Several may wait for one address: the first that is proven becomes the account.
create index registrations_email_canonical on registrations (email_canonical, created_at);
