-- Fills the tables up to :rows users with a live session each, and adds :ended sessions that are over, around those made
-- through the API. Everything lies in random order, as after years of use: the sessions that are refreshed are rarely neighbours.
-- The columns are those of migrations/postgres; where they change, this fails and has to follow.

-- Foreign keys hold by construction; checking each would take longer than everything else.
set session_replication_role = replica;
set work_mem = '256MB';

create function pg_temp.time_ordered_id(kind text, n bigint, at timestamptz) returns uuid language sql stable
return (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(kind || n), 1, 3) || '8'
    || substr(md5(kind || n), 4, 15))::uuid;

create temporary table real_users as select * from users;
create temporary table real_roles as select * from user_roles;
create temporary table real_sessions as select * from sessions;
create temporary table filler as
    select n, date_trunc('milliseconds', now() - random() * interval '6 days') as at
    from generate_series(1, :rows - (select count(*) from real_users)) as n;
truncate users cascade;

insert into users select * from (
    select * from real_users
    union all
    select pg_temp.time_ordered_id('user', n, at), 'filler-' || n || '@example.org', 'filler-' || n || '@example.org', at,
        null, null, null, (select password_hash from real_users limit 1), 'active', at, at, at, '{}'::json
    from filler
) as everybody order by random();

insert into user_roles select * from real_roles;
insert into user_roles
    select pg_temp.time_ordered_id('user', n, at), role from filler, (select distinct role from real_roles) as roles;

insert into sessions select * from (
    select * from real_sessions
    union all
    select pg_temp.time_ordered_id('session', n, at), pg_temp.time_ordered_id('user', n, at), 'device-' || n, '127.0.0.1',
        'bench/1', '{pwd}', at, at, at, at + interval '7 days', at + interval '30 days', 1, sha256(n::text::bytea),
        sha256(('previous-' || n)::bytea), at, null, null
    from filler
    union all
    -- They ended long enough ago to be removed.
    select pg_temp.time_ordered_id('ended', n, ended), owner, 'device-' || n, '127.0.0.1', 'bench/1', '{pwd}', ended,
        ended, ended, ended + interval '7 days', ended + interval '30 days', 0, sha256(n::text::bytea), null, null, ended,
        'signed_out'
    from (
        select over.n, date_trunc('milliseconds', now() - interval '10 days' - random() * interval '10 days') as ended,
            pg_temp.time_ordered_id('user', filler.n, filler.at) as owner
        from generate_series(1, :ended) as over (n)
        join filler on filler.n = 1 + over.n % (select count(*) from filler)
    ) as over
) as every_session order by random();

vacuum (analyze) users;
vacuum (analyze) user_roles;
vacuum (analyze) sessions;
checkpoint;
