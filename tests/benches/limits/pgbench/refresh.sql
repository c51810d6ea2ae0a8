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
SELECT "sessions"."id", "sessions"."user_id", "sessions"."device", "sessions"."address", "sessions"."user_agent",
    "sessions"."methods", "sessions"."authenticated_at", "sessions"."created_at", "sessions"."last_seen_at",
    "sessions"."idle_expires_at", "sessions"."expires_at", "sessions"."generation", "sessions"."token_digest",
    "sessions"."previous_token_digest", "sessions"."previous_token_spent_at", "sessions"."ended_at",
    "sessions"."end_reason", "users"."id", "users"."email", "users"."email_verified_at", "users"."username",
    "users"."display_name", "users"."status", "users"."created_at", "users"."updated_at", "users"."last_login_at",
    "users"."settings",
    ARRAY(SELECT "user_roles"."role" FROM "user_roles" WHERE ("user_roles"."user_id" = "users"."id"))
FROM ("sessions" INNER JOIN "users" ON ("sessions"."user_id" = "users"."id"))
WHERE ("sessions"."id" = :session);

UPDATE "sessions" SET "address" = :address, "user_agent" = :user_agent, "last_seen_at" = :now,
    "idle_expires_at" = :idle_expires_at, "generation" = :next_generation, "token_digest" = :digest,
    "previous_token_digest" = :previous_digest, "previous_token_spent_at" = :now
WHERE ((("sessions"."id" = :session) AND ("sessions"."generation" = :generation))
    AND ("sessions"."ended_at" IS NULL));

\set generation :next_generation
