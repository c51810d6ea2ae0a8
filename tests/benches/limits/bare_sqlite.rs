//! The limit of refresh: its read and its write on SQLite through diesel, in one thread, one commit each.

use diesel::prelude::*;
use std::path::Path;
use std::time::{Duration, Instant};

diesel::table! {
    users (id) {
        id -> Binary,
        email -> Text,
        username -> Nullable<Text>,
        display_name -> Nullable<Text>,
        settings -> Text,
        status -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> Binary,
        user_id -> Binary,
        device -> Text,
        user_agent -> Nullable<Text>,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        idle_expires_at -> BigInt,
        expires_at -> BigInt,
        generation -> BigInt,
        token_digest -> Binary,
        previous_token_digest -> Nullable<Binary>,
        previous_token_spent_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::joinable!(sessions -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(sessions, users);

type SessionRow = (
    Vec<u8>,
    Vec<u8>,
    String,
    Option<String>,
    i64,
    i64,
    i64,
    i64,
    i64,
    Vec<u8>,
    Option<Vec<u8>>,
    Option<i64>,
    Option<i64>,
);
type UserRow = (
    Vec<u8>,
    String,
    Option<String>,
    Option<String>,
    String,
    String,
    i64,
    i64,
);

/// The sessions of `database` read and rotated one after the other, again and again; rotations a second.
pub(crate) fn rate(database: &Path, time: Duration) -> f64 {
    use diesel::connection::SimpleConnection as _;
    let mut connection = SqliteConnection::establish(&database.display().to_string()).unwrap();
    connection
        .batch_execute("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on")
        .unwrap();
    let keys: Vec<Vec<u8>> = sessions::table.select(sessions::id).load(&mut connection).unwrap();
    let (started, mut rotations) = (Instant::now(), 0_u64);
    for key in keys.iter().cycle() {
        if started.elapsed() >= time {
            break;
        }
        rotate(&mut connection, key);
        rotations += 1;
    }
    rotations as f64 / started.elapsed().as_secs_f64()
}

fn rotate(connection: &mut SqliteConnection, id: &[u8]) {
    let read = sessions::table.inner_join(users::table).filter(sessions::id.eq(id));
    let (session, _user): (SessionRow, UserRow) = read
        .select((sessions::all_columns, users::all_columns))
        .get_result(connection)
        .unwrap();
    let (generation, token) = (session.8, session.9);
    let now = session.5 + 1;
    let expected = sessions::table
        .find(id)
        .filter(sessions::generation.eq(generation))
        .filter(sessions::ended_at.is_null());
    let write = diesel::update(expected).set((
        sessions::token_digest.eq(vec![7_u8; 32]),
        sessions::previous_token_digest.eq(token),
        sessions::previous_token_spent_at.eq(now),
        sessions::last_seen_at.eq(now),
        sessions::idle_expires_at.eq(now),
        sessions::generation.eq(generation + 1),
    ));
    let written = connection.immediate_transaction(|connection| write.execute(connection));
    assert_eq!(written.unwrap(), 1);
}
