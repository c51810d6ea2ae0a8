//! The limit of refresh: its read and its write on SQLite through diesel, in one thread, one commit each.

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Binary};
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use std::path::Path;
use std::time::{Duration, Instant};

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
}

#[derive(QueryableByName)]
struct Generation {
    #[diesel(sql_type = BigInt)]
    generation: i64,
}

/// The same session read and rotated again and again; rotations a second.
pub(crate) fn rate(database: &Path, time: Duration) -> f64 {
    let mut connection = SqliteConnection::establish(&database.display().to_string()).unwrap();
    connection
        .batch_execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")
        .unwrap();
    let keys: Vec<Key> = sql_query("SELECT id FROM sessions").load(&mut connection).unwrap();
    let (started, mut rotations) = (Instant::now(), 0_u64);
    for key in keys.iter().cycle() {
        if started.elapsed() >= time {
            break;
        }
        rotate(&mut connection, &key.id);
        rotations += 1;
    }
    rotations as f64 / started.elapsed().as_secs_f64()
}

fn rotate(connection: &mut SqliteConnection, id: &[u8]) {
    let read = "SELECT s.*, u.*, (SELECT group_concat(r.role) FROM user_roles r WHERE r.user_id = u.id) AS roles \
                FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ?";
    let row: Generation = sql_query(read).bind::<Binary, _>(id).get_result(connection).unwrap();
    let write = "UPDATE sessions SET token_digest = randomblob(32), previous_token_digest = token_digest, previous_token_spent_at = ?, \
                 last_seen_at = ?, idle_expires_at = ?, generation = generation + 1 \
                 WHERE id = ? AND generation = ? AND ended_at IS NULL";
    let written = connection.immediate_transaction(|connection| {
        let now = 1_700_000_000_000_000_i64;
        let statement = sql_query(write)
            .bind::<BigInt, _>(now)
            .bind::<BigInt, _>(now)
            .bind::<BigInt, _>(now);
        statement
            .bind::<Binary, _>(id)
            .bind::<BigInt, _>(row.generation)
            .execute(connection)
    });
    assert_eq!(written.unwrap(), 1);
}
