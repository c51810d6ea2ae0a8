//! The tables as the query builder knows them; `migrations/postgres` is where they are made.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        email_canonical -> Text,
        email_verified_at -> Nullable<Timestamptz>,
        username -> Nullable<Text>,
        username_canonical -> Nullable<Text>,
        display_name -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        status -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        last_login_at -> Nullable<Timestamptz>,
        settings -> Json,
    }
}

table! {
    user_roles (user_id, role) {
        user_id -> Uuid,
        role -> Text,
    }
}

table! {
    registrations (id) {
        id -> Uuid,
        email -> Text,
        email_canonical -> Text,
        username -> Nullable<Text>,
        display_name -> Nullable<Text>,
        password_hash -> Text,
        network -> Nullable<Inet>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

table! {
    challenges (id) {
        id -> Uuid,
        purpose -> Text,
        subject -> Text,
        registration_id -> Nullable<Uuid>,
        resent -> Nullable<Bool>,
        user_id -> Nullable<Uuid>,
        new_email -> Nullable<Text>,
        session_id -> Nullable<Uuid>,
        failure_counter -> Bytea,
        code_digest -> Nullable<Bytea>,
        link_digest -> Bytea,
        attempts -> BigInt,
        created_at -> Timestamptz,
        code_expires_at -> Timestamptz,
        link_expires_at -> Timestamptz,
        consumed_at -> Nullable<Timestamptz>,
    }
}

table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        device -> Text,
        address -> Nullable<Inet>,
        user_agent -> Nullable<Text>,
        methods -> Array<Text>,
        authenticated_at -> Timestamptz,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        idle_expires_at -> Timestamptz,
        expires_at -> Timestamptz,
        generation -> BigInt,
        token_digest -> Bytea,
        previous_token_digest -> Nullable<Bytea>,
        previous_token_spent_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        end_reason -> Nullable<Text>,
    }
}

table! {
    attempt_counters (counter_key) {
        counter_key -> Bytea,
        taken -> BigInt,
        window_ends_at -> Timestamptz,
    }
}

table! {
    outbox_mails (id) {
        id -> Uuid,
        template -> Text,
        recipient -> Text,
        sealed_content -> Nullable<Text>,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        due_at -> Nullable<Timestamptz>,
        claim -> Nullable<Uuid>,
        attempts -> BigInt,
        sent_at -> Nullable<Timestamptz>,
        parked_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
    }
}

table! {
    audit_events (id) {
        id -> Uuid,
        at -> Timestamptz,
        event_type -> Text,
        actor_id -> Nullable<Uuid>,
        subject_id -> Nullable<Uuid>,
        session_id -> Nullable<Uuid>,
        address -> Nullable<Inet>,
        request_id -> Text,
        reason -> Nullable<Text>,
    }
}

table! {
    jobs (name) {
        name -> Text,
        fence -> BigInt,
        started_at -> Timestamptz,
        leased_until -> Nullable<Timestamptz>,
        finished_run_started_at -> Nullable<Timestamptz>,
        finished_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
        handled -> Nullable<BigInt>,
        detail -> Nullable<Text>,
    }
}

joinable!(sessions -> users (user_id));
allow_tables_to_appear_in_same_query!(users, user_roles, sessions, registrations, challenges);
