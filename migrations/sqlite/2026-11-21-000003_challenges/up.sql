-- No foreign keys: a challenge whose registration or user went away meanwhile is worthless, and must be
-- stored all the same, so that whoever asks for one cannot tell.
create table challenges (
    id blob not null primary key check (length(id) = 16),
    purpose text not null check (purpose in ('registration', 'email_change', 'password_reset')),
    subject text not null check (subject in ('nobody', 'registration', 'email_change', 'password_reset')),
    registration_id blob check (length(registration_id) = 16),
    resent integer check (resent in (0, 1)),
    user_id blob check (length(user_id) = 16),
    new_email text,
    session_id blob check (length(session_id) = 16),
    failure_counter blob not null check (length(failure_counter) = 32),
    code_digest blob check (length(code_digest) = 32),
    link_digest blob not null check (length(link_digest) = 32),
    attempts integer not null check (attempts >= 0),
    created_at integer not null,
    code_expires_at integer not null,
    link_expires_at integer not null,
    consumed_at integer,
    check ((subject = 'registration') = (registration_id is not null)),
    check ((subject = 'registration') = (resent is not null)),
    check ((subject in ('email_change', 'password_reset')) = (user_id is not null)),
    check ((subject = 'email_change') = (new_email is not null)),
    check ((subject = 'email_change') = (session_id is not null))
) strict;

create index challenges_link on challenges (link_digest);
create index challenges_registration on challenges (registration_id) where registration_id is not null;
create index challenges_user on challenges (user_id) where user_id is not null;
