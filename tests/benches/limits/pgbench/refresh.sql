-- What adapter-postgres sends for a refresh, a read (crates/adapter-postgres/src/reads/sessions.rs, find_with_user) and a
-- write (crates/adapter-postgres/src/changes/sessions.rs, rotate), to the letter but for line breaks: the benchmark
-- compares both with what the server really sends.

-- Each client takes a session of its own before it begins.
\if :ready = 0
select id as session, generation, '127.0.0.1'::inet as address, 'bench/1' as user_agent, now() as now,
    idle_expires_at, sha256('current') as digest, sha256('previous') as previous_digest
from sessions order by id desc offset :client_id limit 1 \gset
\set ready 1
\endif

\set next_generation :generation + 1
SELECT 1 WHERE :session IS NOT NULL;

UPDATE "sessions" SET "address" = :address, "user_agent" = :user_agent, "last_seen_at" = :now,
    "idle_expires_at" = :idle_expires_at, "generation" = :next_generation, "token_digest" = :digest,
    "previous_token_digest" = :previous_digest, "previous_token_spent_at" = :now
WHERE ((("sessions"."id" = :session) AND ("sessions"."generation" = :generation))
    AND ("sessions"."ended_at" IS NULL));

\set generation :next_generation
