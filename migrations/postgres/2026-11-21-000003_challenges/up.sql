-- No foreign keys: a challenge whose registration or user went away meanwhile is worthless, and must be
-- stored all the same, so that whoever asks for one cannot tell.
create table challenges (
    id uuid not null primary key,
    purpose text collate "C" not null check (purpose in ('registration', 'email_change', 'password_reset')),
    subject text collate "C" not null check (subject in ('nobody', 'registration', 'email_change', 'password_reset')),
    registration_id uuid,
    resent boolean,
    user_id uuid,
    new_email text,
    session_id uuid,
    failure_counter bytea not null check (length(failure_counter) = 32),
    code_digest bytea check (length(code_digest) = 32),
    link_digest bytea not null check (length(link_digest) = 32),
    attempts bigint not null check (attempts >= 0),
    created_at timestamptz not null,
    code_expires_at timestamptz not null,
    link_expires_at timestamptz not null,
    consumed_at timestamptz,
    check ((subject = 'registration') = (registration_id is not null)),
    check ((subject = 'registration') = (resent is not null)),
    check ((subject in ('email_change', 'password_reset')) = (user_id is not null)),
    check ((subject = 'email_change') = (new_email is not null)),
    check ((subject = 'email_change') = (session_id is not null))
) with (fillfactor = 90);

create index challenges_link on challenges (link_digest);
create index challenges_registration on challenges (registration_id) where registration_id is not null;
create index challenges_user on challenges (user_id) where user_id is not null;
