-- What adapter-postgres sends where a bearer is seen for the first time (crates/adapter-postgres/src/reads/sessions.rs,
-- find_with_user), to the letter but for line breaks: the benchmark compares it with what the server really sends.

-- Each client takes a session of its own before it begins.
\if :ready = 0
select id as session from sessions order by id desc offset :client_id limit 1 \gset
\set ready 1
\endif

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
