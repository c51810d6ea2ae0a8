//! The tables as the query builder knows them; `migrations/sqlite` is where they are made.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    users (id) {
        id -> Binary,
        email -> Text,
        email_canonical -> Text,
        email_verified_at -> Nullable<BigInt>,
        username -> Nullable<Text>,
        username_canonical -> Nullable<Text>,
        display_name -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        status -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        last_login_at -> Nullable<BigInt>,
        settings -> Text,
    }
}

table! {
    user_roles (user_id, role) {
        user_id -> Binary,
        role -> Text,
    }
}

table! {
    registrations (id) {
        id -> Binary,
        email -> Text,
        email_canonical -> Text,
        username -> Nullable<Text>,
        display_name -> Nullable<Text>,
        password_hash -> Text,
        network -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    challenges (id) {
        id -> Binary,
        purpose -> Text,
        subject -> Text,
        registration_id -> Nullable<Binary>,
        resent -> Nullable<Bool>,
        user_id -> Nullable<Binary>,
        new_email -> Nullable<Text>,
        session_id -> Nullable<Binary>,
        failure_counter -> Binary,
        code_digest -> Nullable<Binary>,
        link_digest -> Binary,
        attempts -> BigInt,
        created_at -> BigInt,
        code_expires_at -> BigInt,
        link_expires_at -> BigInt,
        consumed_at -> Nullable<BigInt>,
    }
}

table! {
    sessions (id) {
        id -> Binary,
        user_id -> Binary,
        device -> Text,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        methods -> Text,
        authenticated_at -> BigInt,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        idle_expires_at -> BigInt,
        expires_at -> BigInt,
        generation -> BigInt,
        token_digest -> Binary,
        previous_token_digest -> Nullable<Binary>,
        previous_token_spent_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
    }
}

table! {
    attempt_counters (counter_key) {
        counter_key -> Binary,
        taken -> BigInt,
        window_ends_at -> BigInt,
    }
}

table! {
    outbox_mails (id) {
        id -> Binary,
        template -> Text,
        recipient -> Text,
        sealed_content -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        due_at -> Nullable<BigInt>,
        claim -> Nullable<Binary>,
        attempts -> BigInt,
        sent_at -> Nullable<BigInt>,
        parked_at -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
    }
}

table! {
    audit_events (id) {
        id -> Binary,
        at -> BigInt,
        event_type -> Text,
        actor_id -> Nullable<Binary>,
        subject_id -> Nullable<Binary>,
        session_id -> Nullable<Binary>,
        address -> Nullable<Text>,
        request_id -> Text,
        reason -> Nullable<Text>,
    }
}

table! {
    jobs (name) {
        name -> Text,
        fence -> BigInt,
        started_at -> BigInt,
        leased_until -> Nullable<BigInt>,
        finished_run_started_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
        handled -> Nullable<BigInt>,
        detail -> Nullable<Text>,
    }
}

joinable!(sessions -> users (user_id));
allow_tables_to_appear_in_same_query!(users, user_roles, sessions);
allow_tables_to_appear_in_same_query!(challenges, registrations);
