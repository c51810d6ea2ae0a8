create table outbox_mails (
    id uuid not null primary key,
    template text collate "C" not null,
    recipient text not null,
    sealed_content text,
    created_at timestamptz not null,
    expires_at timestamptz,
    due_at timestamptz,
    claim uuid,
    attempts bigint not null check (attempts >= 0),
    sent_at timestamptz,
    parked_at timestamptz,
    last_error text,
    -- Waiting, sent or parked.
    check (num_nonnulls(due_at, sent_at, parked_at) = 1),
    -- Nothing is kept of what was sent: what it said, and to whom.
    check ((sealed_content is null) = (sent_at is not null)),
    check ((recipient = '') = (sent_at is not null))
);

-- A claim moves due_at to the end of its lease, so that a lease which ran out needs no look-up of its own.
create index outbox_mails_due on outbox_mails (due_at, id) where due_at is not null;
