-- What adapter-postgres sends where a bearer is seen for the first time (crates/adapter-postgres/src/reads/sessions.rs,
-- find_with_user), to the letter but for line breaks: the benchmark compares it with what the server really sends.

-- Each client takes a session of its own before it begins.
\if :ready = 0
select id as session from sessions order by id desc offset :client_id limit 1 \gset
\set ready 1
\endif

SELECT 1 WHERE :session IS NOT NULL;
