create table outbox_mails (
    id blob not null primary key check (length(id) = 16),
    template text not null,
    recipient text not null,
    sealed_content text,
    created_at integer not null,
    expires_at integer,
    due_at integer,
    claim blob check (length(claim) = 16),
    attempts integer not null check (attempts >= 0),
    sent_at integer,
    parked_at integer,
    last_error text,
    -- Waiting, sent or parked.
    check ((due_at is not null) + (sent_at is not null) + (parked_at is not null) = 1),
    -- Nothing is kept of what was sent: what it said, and to whom.
    check ((sealed_content is null) = (sent_at is not null)),
    check ((recipient = '') = (sent_at is not null))
) strict;

-- A claim moves due_at to the end of its lease, so that a lease which ran out needs no look-up of its own.
create index outbox_mails_due on outbox_mails (due_at, id) where due_at is not null;
